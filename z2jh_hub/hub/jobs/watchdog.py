"""A job that restarts watches of pods, and reports a hub without them.

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
    """Register the job for the hub that is being configured."""
    background.start(background.Job("watchdog", EVERY, look, begin=tell_readiness))


async def look(hub: JupyterHub) -> None:
    """Restart watches that have stopped."""
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
    """Make `/hub/health?ready`, the readiness probe, fail while the hub sees no pods.

    JupyterHub's own answer to it is that of `/hub/health`, the liveness probe: yes.
    """
    blind = _Blind(f"{hub.hub_prefix}health")
    # Tornado asks these before those that the application was made with
    hub.tornado_application.add_handlers(".*", [(blind, NotReady)])


class _Blind(Matcher):
    """Matches readiness probes while the hub is not ready."""

    def __init__(self, path: str) -> None:
        self.path = path

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        asked = request.path == self.path and request.query == "ready"
        return {} if asked and newest_pod_list() > BLIND else None


class NotReady(RequestHandler):
    """Answers 503, without JupyterHub's handlers, which query the database."""

    def get(self) -> None:
        self.set_status(503)
        self.finish("Kubernetes does not say how the servers are.\n")

    head = get

    def _log(self) -> None:
        """Do not log every probe; the watchdog reports the state."""
