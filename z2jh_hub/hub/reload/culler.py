"""The culler, a process that is restarted with new options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...config.sections.cull import NAME
from ...config.values import Values
from .parts import Part

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config

URL = "--url="


@dataclass(frozen=True)
class Culler(Part):
    """The culler's command line except the hub's URL, which administrators' code may set."""

    def configured(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        entry = _entry(c)
        return entry and [word for word in entry["command"] if not word.startswith(URL)]

    def hindrance(self, hub: JupyterHub, old: Values, new: Values) -> str:
        return "" if NAME in hub._service_map else "the hub has no such service"

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        service = hub._service_map[NAME]
        service.command = service.orm.command = _command(c, service.command)
        hub.db.commit()

    def write(self, config: Config, old: Config, new: Config) -> None:
        entry = _entry(config)
        if entry and _entry(new):
            entry["command"] = _command(new, entry["command"])


async def settle(hub: JupyterHub) -> None:
    """Restart the culler."""
    service = hub._service_map[NAME]
    await service.stop()
    await service.start()


def _command(c: Config, running: list[str]) -> list[str]:
    """Return the culler's command in `c`, with the URL of the running command."""
    entry = _entry(c)
    url = [word for word in running if word.startswith(URL)]
    words = entry["command"] if entry else []
    return [url[0] if word.startswith(URL) and url else word for word in words]


def _entry(c: Config) -> dict[str, Any] | None:
    services = c.JupyterHub.get("services", [])
    named = (each for each in services if isinstance(each, dict) and each.get("name") == NAME)
    return next(named, None)


CULLER = Culler(
    tuple(
        f"cull.{name}"
        for name in (
            "adminUsers",
            "apiPageSize",
            "concurrency",
            "defaultServers",
            "every",
            "maxAge",
            "namedServers",
            "removeNamedServers",
            "timeout",
        )
    ),
    settle=settle,
)
