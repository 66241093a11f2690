"""Live reload: a running hub takes over what changed in its mounted values.

table      which values, and what part of the hub each changes
decision   what of a change can be taken over: nothing that the administrator's code has a hand in
parts      how a part is read, checked and changed; `spawners`, `logins`, `pages`, `culler`
foresight  the same without a hub, for those who ask before
job        looks at the mounts, again and again
"""

from __future__ import annotations

from .decision import Rules
from .job import start

__all__ = ["Rules", "start"]
