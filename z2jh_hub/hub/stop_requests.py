"""Record who or what requests that a server stops, and why a culler does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub.app import JupyterHub

from ..spawner import upstream
from . import culling
from .culling.forecast import AGE, forecast_servers

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
        cullers = culling.of_services(JupyterHub.instance()._service_map)
        if actor.name in cullers:
            return _culled(cullers[actor.name], spawner)
        return {"reason": "service", "service": actor.name}
    if actor is None or actor.name == user.name:
        return {"reason": "user"}
    return {"reason": "admin" if getattr(actor, "admin", False) else "other-user"}


def _culled(culler: Culler, spawner: Any) -> dict[str, Any]:
    """Return the rule by which a culler stops a server: the one whose limit passed first."""
    orm = spawner.orm_spawner
    now = datetime.now(UTC)
    model = {"started": _text(orm.started), "last_activity": _text(orm.last_activity)}
    (server,) = forecast_servers({"servers": {spawner.name: model}}, [culler], now)
    passed = [rule for rule in server.rules if rule.due and rule.due <= now]
    rule = min(passed, key=lambda each: each.due or now, default=server.rules[0])
    return {"reason": "max-age" if rule.rule == AGE else "idle", "seconds": rule.limit}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
