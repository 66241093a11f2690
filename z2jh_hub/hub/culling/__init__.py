"""The cullers of a hub, and when they will stop a user's servers.

settings   the options of a culler, from its command line or the values
processes  the cullers that run on this machine
forecast   when each rule will stop a user's servers

`z2jh cull explain` and the hub's pages use the same forecast. The culler is
`jupyterhub_idle_culler`; the rules are those of its release 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import processes
from .settings import Culler, is_culler, parse


def of_services(services: Mapping[str, Any]) -> dict[str, Culler]:
    """Return the cullers among a hub's services, by the name of the service."""
    cullers = {}
    for name, service in services.items():
        if is_culler(service.command or ()):
            process = getattr(service, "proc", None)
            started = processes.started(process.pid) if process else None
            cullers[name] = replace(parse(service.command), started=started)
    return cullers
