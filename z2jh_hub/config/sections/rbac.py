"""`rbac.hub`: permissions of the hub that change what it does."""

from __future__ import annotations

from ..keys import BOOLEAN, Key

KEYS = (Key("rbac.hub.readNodes", BOOLEAN, "KubeSpawner.read_nodes"),)
