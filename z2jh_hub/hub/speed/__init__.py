"""Levers: parts of JupyterHub and KubeSpawner that a faster equivalent replaces.

Each module is one lever and says what it replaces, why the result is the same and what it saves.
A lever is pulled only if the functions that it replaces have the source that it was written for;
otherwise the hub runs the original and logs one line. `hub.speed.NAME: false` switches one off.
"""

from __future__ import annotations

import logging
import os
from importlib import import_module
from typing import Any

from ...config.sections.hub_speed import LEVERS, VARIABLE, environment
from .originals import Changed

log = logging.getLogger(__name__)

# before the event loop and JupyterHub's application exist, by `__main__`, in this order
EARLY = ("eventLoop", "startup", "schemaCheck", "classes")

_pulled_early: list[str] = []

MODULES = {
    "activeServers": "active_servers",
    "classes": "classes",
    "clientSecrets": "client_secrets",
    "commits": "commits",
    "cookies": "cookies",
    "culler": "culler",
    "database": "database",
    "eventLoop": "event_loop",
    "garbageCollection": "garbage_collection",
    "json": "json_parsing",
    "names": "names",
    "podChanges": "pod_changes",
    "restart": "restart",
    "routeActivity": "route_activity",
    "schemaCheck": "schema_check",
    "startup": "startup",
    "verifiedTokens": "verified_tokens",
    "watchClient": "watch_client",
}


def install() -> list[str]:
    """Pull the levers that are not switched off; return the names of those that were pulled."""
    off = os.environ.get(VARIABLE, "").split(",")
    pulled = [name for name in LEVERS if name not in off and name not in EARLY and pull(name)]
    log.info("Levers of hub.speed: %s", ", ".join(sorted(pulled + _pulled_early)) or "none")
    return pulled


def install_early() -> None:
    """Pull the levers that act before JupyterHub is imported and its log exists."""
    off = _switched_off()
    _pulled_early.extend(name for name in EARLY if name not in off and pull(name))


def _switched_off() -> list[str]:
    """Return the levers that the mounted values switch off, before the values are checked."""
    from ...config.values import from_mounts

    try:
        return environment(from_mounts()).get(VARIABLE, "").split(",")
    except Exception:  # `configure` reports it
        return list(EARLY)


def pull(name: str) -> bool:
    """Pull one lever; return False, and log why, if what it replaces has changed."""
    lever: Any = import_module(f".{MODULES[name]}", __package__)
    try:
        getattr(lever, "prepare", lambda: None)()  # before what it replaces is imported
        for original in getattr(lever, "REPLACES", ()):
            original.check()
        lever.install()
    except (Changed, ImportError) as error:
        log.warning("hub.speed.%s is not in effect: %s", name, error)
        return False
    return True
