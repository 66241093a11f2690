"""`hub.failures`: an administrator's words and patience for servers that do not start."""

from __future__ import annotations

from ..failures.custom import problems
from ..keys import MAPPING, Key

__all__ = ["KEYS", "problems"]

KEYS = (Key("hub.failures", MAPPING, "KubeSpawner.failures"),)
