"""The cullers of a hub, and when they will stop a user's servers.

settings   the options of a culler, from its command line or the values
processes  the cullers that run on this machine
record     those inside a hub, in a file
in_hub     a culler inside this hub
checks     which servers and accounts it stops
forecast   when each rule will stop a user's servers

`z2jh cull explain` and the hub's pages use the same forecast. The culler is
`jupyterhub_idle_culler`; the rules are those of its release 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from . import in_hub, processes
from .forecast import Server, forecast_servers
from .settings import Culler, is_culler, parse


def of_hub() -> dict[str, Culler]:
    """Return the cullers among the services of this process's hub, by the name of the service."""
    # imported here, because `z2jh cull` runs without a hub
    from jupyterhub.app import JupyterHub

    cullers = {}
    for name, service in JupyterHub.instance()._service_map.items():
        if inside := in_hub.running.get(name):
            cullers[name] = inside.culler
        elif is_culler(service.command or ()):
            process = getattr(service, "proc", None)
            started = processes.started(process.pid) if process else None
            cullers[name] = replace(parse(service.command), started=started)
    return cullers


def forecast_spawner(spawner: Any, cullers: Sequence[Culler]) -> Server:
    """Return the forecast of a running server from the hub's own record."""
    record = spawner.orm_spawner
    model = {"started": _text(record.started), "last_activity": _text(record.last_activity)}
    user = {"servers": {spawner.name or "": model}}
    (server,) = forecast_servers(user, cullers, datetime.now(UTC))
    return server


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
