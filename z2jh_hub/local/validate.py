"""What the API server refuses."""

from __future__ import annotations

from typing import Any

from z2jh_hub.local.resources import Resource

Object = dict[str, Any]


def on_create(resource: Resource, obj: Object) -> None:
    pass


def on_update(resource: Resource, new: Object, old: Object) -> None:
    pass
