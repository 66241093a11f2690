"""Live reload: a running hub applies changes of its mounted values.

table        the values that can be reloaded, and the part of the hub that each changes
decision     which changes to apply; not those of values that the administrator's code uses
parts        how to read, validate and change a part: `spawners`, `logins`, `pages`, `culler`
prediction   the same decision without a hub, for `z2jh diff` and `z2jh dev`
job          checks the mounts periodically
"""

from __future__ import annotations

from .decision import Rules
from .job import start

__all__ = ["Rules", "start"]
