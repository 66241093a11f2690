"""A job that restores the routes of a restarted proxy within seconds.

configurable-http-proxy keeps its routes in memory. JupyterHub compares all routes with all users
once a minute, when it updates their last activity. This job checks more often whether the proxy
has any route, which is cheap.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import ClientError
from jupyterhub.proxy import ConfigurableHTTPProxy

from . import background

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 10.0


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("routes", INTERVAL_SECONDS, restore))


async def restore(hub: JupyterHub) -> None:
    """Add all routes to a proxy without routes; a proxy with routes has at least the hub's."""
    if not isinstance(hub.proxy, ConfigurableHTTPProxy):
        return  # other proxies keep their routes in the cluster or on disk
    try:
        if hub.hub.routespec not in await hub.proxy.get_all_routes():
            log.warning("The proxy has lost its routes; restoring them")
            await hub.proxy.check_routes(hub.users, hub._service_map)
    except (ClientError, TimeoutError) as error:
        log.warning("The proxy does not answer: %s", error)
