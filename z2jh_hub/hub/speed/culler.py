"""Run the idle culler inside the hub, without a separate process.

Wraps `Service.start` and `Service.stop` for services whose command runs `jupyterhub_idle_culler`
with options only. Its process takes 35 MB, and asks the hub for all users at each check. Inside,
the same rules read what the hub has in memory, and the same requests stop servers with the token of
the service, so roles, logs and reasons are those of the process. A culler with a configuration file
or with an option that this lever does not know runs as a process, as before.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any

from ..culling import in_hub
from .originals import Original

log = logging.getLogger(__name__)

REPLACES = (
    Original("jupyterhub.services.service:Service", "start", "a1f1a0a92d5c"),
    Original("jupyterhub.services.service:Service", "stop", "3e2187991b7b"),
    Original("jupyterhub_idle_culler", "cull_idle", "e82485affef1"),
)


def install() -> None:
    """Wrap both methods."""
    from jupyterhub.services.service import Service

    Service.start, Service.stop = start_inside(Service.start), stop_inside(Service.stop)


def start_inside(start: Any) -> Any:
    @wraps(start)
    async def started(self: Any) -> None:
        if in_hub.is_possible(self):
            try:
                in_hub.start(self)
                log.info("Service %r runs inside the hub: %s", self.name, " ".join(self.command))
                return
            except OSError as error:
                log.warning("Service %r runs as a process: %s", self.name, error)
        await start(self)

    return started


def stop_inside(stop: Any) -> Any:
    @wraps(stop)
    async def stopped(self: Any) -> Any:
        if self.name in in_hub.running:
            await in_hub.stop(self)
            return None
        return await stop(self)

    return stopped
