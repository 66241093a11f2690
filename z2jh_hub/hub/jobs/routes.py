"""A job that restores the routes of a restarted proxy within seconds.

configurable-http-proxy keeps its routes in memory. JupyterHub compares all of them with all users
when it updates their last activity, each minute; whether there are any at all is asked here more
often, as that costs little.
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

EVERY = 10.0  # seconds between two looks


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("routes", EVERY, look))


async def look(hub: JupyterHub) -> None:
    """Add all routes to a proxy without any; one with routes has at least the hub's."""
    if not isinstance(hub.proxy, ConfigurableHTTPProxy):
        return  # others keep theirs in the cluster or on disk
    try:
        if hub.hub.routespec not in await hub.proxy.get_all_routes():
            log.warning("The proxy has lost its routes; it gets them again")
            await hub.proxy.check_routes(hub.users, hub._service_map)
    except (ClientError, TimeoutError) as error:
        log.warning("The proxy does not answer: %s", error)
