"""A job that restarts stalled watches of pods, and makes a hub without pod lists not ready.

Stalled watches are restarted even if nobody starts a server. A hub that has not received a list
of its pods for some time is not ready; it stays alive, because a restart would not help.
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

EVERY = 15.0  # seconds between two checks
BLIND = 300.0  # seconds without a list of pods after which the hub is not ready


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("watchdog", EVERY, restart_stalled, begin=add_readiness))


async def restart_stalled(hub: JupyterHub) -> None:
    """Restart stalled watches."""
    now = time.monotonic()
    await asyncio.gather(*(_restart(each) for each in reflectors() if each.is_stale(now)))


async def _restart(reflector: RestartableReflector) -> None:
    try:
        await reflector.restart()
    except Exception as error:
        log.warning("The watch of %s cannot be restarted yet: %s", reflector.kind, error)
        if newest_pod_list() > BLIND:
            log.error(
                "The hub is not ready: Kubernetes has sent no list of pods for %d seconds",
                newest_pod_list(),
            )


def add_readiness(hub: JupyterHub) -> None:
    """Make `/hub/health?ready`, the readiness probe, fail while the hub has no list of pods.

    JupyterHub's own handler answers it like `/hub/health`, the liveness probe: with success.
    """
    probe = _FailingProbe(f"{hub.hub_prefix}health")
    # Tornado matches these handlers before those of the application
    hub.tornado_application.add_handlers(".*", [(probe, NotReady)])


class _FailingProbe(Matcher):
    """Match readiness probes while the hub is not ready."""

    def __init__(self, path: str) -> None:
        self.path = path

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        is_probe = request.path == self.path and request.query == "ready"
        return {} if is_probe and newest_pod_list() > BLIND else None


class NotReady(RequestHandler):
    """Answer 503, without JupyterHub's handlers, which query the database."""

    def get(self) -> None:
        self.set_status(503)
        self.finish("Kubernetes does not report the state of the servers.\n")

    head = get

    def _log(self) -> None:
        """Do not log every probe; the watchdog reports the state."""
