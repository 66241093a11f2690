"""Server-side apply."""

from __future__ import annotations

from typing import Any

from z2jh_hub.local import patch
from z2jh_hub.local.resources import Resource
from z2jh_hub.local.status import StatusError

Object = dict[str, Any]


def manager_required() -> StatusError:
    return StatusError(400, "fieldManager is required for apply patch")


def applied(
    resource: Resource,
    held: Object | None,
    config: Object,
    manager: str,
    *,
    force: bool,
    now: str,
    subresource: str,
) -> Object:
    if held is None:
        return config
    return patch.strategic(held, config)
