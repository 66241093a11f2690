"""A job of the hub: it sees its pods, or says that it does not.

A watch that stands still is begun again, whether or not anybody starts a server. A hub that has
seen none of its pods for long is not ready; it stays alive, as restarting it would not help.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from tornado.routing import Matcher
from tornado.web import RequestHandler

from ...spawner.reflectors import RestartableReflector, newest_pod_list, reflectors
from . import background

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from tornado.httputil import HTTPServerRequest

log = logging.getLogger(__name__)

EVERY = 15.0  # seconds between two looks
BLIND = 300.0  # seconds without a list of pods after which the hub is not ready


def start() -> None:
    """Have the hub that is being configured watch its watches."""
    background.start(background.Job("watchdog", EVERY, look, begin=tell_readiness))


async def look(hub: JupyterHub) -> None:
    """Begin again what stands still."""
    now = time.monotonic()
    await asyncio.gather(*(_restart(each) for each in reflectors() if each.is_stale(now)))


async def _restart(reflector: RestartableReflector) -> None:
    try:
        await reflector.restart()
    except Exception as error:
        log.warning("The watch of %s cannot be restarted yet: %s", reflector.kind, error)
        if newest_pod_list() > BLIND:
            log.error(
                "The hub is not ready: no pod could be seen for %d seconds", newest_pod_list()
            )


def tell_readiness(hub: JupyterHub) -> None:
    """Have `/hub/health?ready`, the readiness probe, refused while the hub is blind.

    JupyterHub's own answer to it is that of `/hub/health`, the liveness probe: yes.
    """
    blind = _Blind(f"{hub.hub_prefix}health")
    # Tornado asks these before those that the application was made with
    hub.tornado_application.add_handlers(".*", [(blind, NotReady)])


class _Blind(Matcher):
    """The question whether the hub is ready, when it is not."""

    def __init__(self, path: str) -> None:
        self.path = path

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        asked = request.path == self.path and request.query == "ready"
        return {} if asked and newest_pod_list() > BLIND else None


class NotReady(RequestHandler):
    """503. No handler of JupyterHub's: those ask the database who is there."""

    def get(self) -> None:
        self.set_status(503)
        self.finish("Kubernetes does not say how the servers are.\n")

    head = get

    def _log(self) -> None:
        """Not each two seconds: the watchdog logs it."""
