"""Record who or what requests that a server stops, and why a culler does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..spawner import upstream
from . import culling
from .culling.forecast import AGE

if TYPE_CHECKING:
    from .culling.settings import Culler


def install() -> None:
    """Have JupyterHub record each request to stop a server in its spawner."""
    upstream.record_stop_requests(record)


def record(handler: Any, user: Any, server_name: str) -> None:
    """Record the request that `handler` answers."""
    if (spawner := user.spawners.get(server_name)) is not None:
        spawner.stop_request = _request(handler.current_user, user, spawner)


def _request(actor: Any, user: Any, spawner: Any) -> dict[str, Any]:
    if getattr(actor, "kind", "") == "service":
        if culler := culling.of_hub().get(actor.name):
            return _culled(culler, spawner)
        return {"reason": "service", "service": actor.name}
    if actor is None or actor.name == user.name:
        return {"reason": "user"}
    return {"reason": "admin" if getattr(actor, "admin", False) else "other-user"}


def _culled(culler: Culler, spawner: Any) -> dict[str, Any]:
    """Return the rule by which a culler stops a server: the one whose limit passed first."""
    server, now = culling.forecast_spawner(spawner, [culler]), datetime.now(UTC)
    passed = [rule for rule in server.rules if rule.due and rule.due <= now]
    rule = min(passed, key=lambda each: each.due or now, default=server.rules[0])
    return {"reason": "max-age" if rule.rule == AGE else "idle", "seconds": rule.limit}
