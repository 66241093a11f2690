"""What the home page and the page of a stopped server show about a user's servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jupyterhub.utils import url_escape_path, url_path_join

from ...spawner import Z2JHKubeSpawner, amounts
from .. import culling
from ..culling.forecast import AGE, Forecast
from ..culling.settings import Culler

# state: its text
STATES = {"spawn": "starting", "stop": "stopping"}


@dataclass(frozen=True)
class Card:
    """One server of a user.

    spawner    the spawner, of any class
    state      running, starting, stopping or stopped: also the name of its text
    profile    the display name of the profile of a server that is active
    resources  memory, CPU and GPUs of a running server
    forecast   the rule by which a culler stops a running server first
    again      the display name of the profile that the last start chose, if it is available
    path       the path of the server below `spawn/`, `spawn-pending/` and so on
    api_path   its path below `api/`
    """

    spawner: Any
    state: str
    profile: str
    resources: list[str]
    forecast: Forecast | None
    again: str
    path: str
    api_path: str

    @property
    def name(self) -> str:
        """The name of the server; empty for the default server."""
        return str(self.spawner.name or "")

    @property
    def title(self) -> str:
        """The name under which the user knows the server; empty for the default server."""
        return server_title(self.spawner)

    @property
    def url(self) -> str:
        """The URL of the running server."""
        return str(self.spawner.user.server_url(self.name))

    @property
    def started(self) -> datetime | None:
        """When the server started."""
        started: datetime | None = self.spawner.orm_spawner.started
        return started


def server_title(spawner: Any) -> str:
    """Return the name under which the user knows a server; empty for the default server."""
    return str(spawner.orm_spawner.display_name or spawner.name) if spawner.name else ""


def cards(user: Any) -> list[Card]:
    """Return the default server of a user, then those with names if they are allowed."""
    names = [""]
    if user.allow_named_servers:
        names += sorted(name for name in user.orm_user.orm_spawners if name)
    cullers = list(culling.of_hub().values())
    # `user.spawner` creates the default server of a new user
    return [_card(user, user.spawners[name] if name else user.spawner, cullers) for name in names]


def _card(user: Any, spawner: Any, cullers: Sequence[Culler]) -> Card:
    state = STATES.get(spawner.pending, "running" if spawner.ready else "stopped")
    name = spawner.name or ""
    ours = isinstance(spawner, Z2JHKubeSpawner)
    active = ours and spawner.active
    path = url_path_join(user.escaped_name, url_escape_path(name)).rstrip("/")
    return Card(
        spawner=spawner,
        state=state,
        profile=spawner.profile_name(spawner.profile_slug) if active else "",
        resources=amounts.of_pod(spawner.current_pod, spawner.texts) if active else [],
        forecast=_forecast(spawner, cullers) if state == "running" else None,
        again=spawner.profile_to_start_again() if ours and state == "stopped" else "",
        path=path,
        api_path=url_path_join(
            "users", user.escaped_name, f"servers/{url_escape_path(name)}" if name else "server"
        ),
    )


def _forecast(spawner: Any, cullers: Sequence[Culler]) -> Forecast | None:
    """Return the rule that stops a running server first; None if no culler does."""
    first = culling.forecast_spawner(spawner, cullers).first
    return first if first.latest else None


def is_age(forecast: Forecast) -> bool:
    """Return whether a server stops because of its age, whether or not it is used."""
    return forecast.rule == AGE


def hours(user: Any) -> dict[str, str]:
    """Return the hours that a user used, has left and may use in a week; empty without a limit.

    These are the numbers by which a start is refused.
    """
    spawner = user.spawner
    limit = spawner.hours_limit if isinstance(spawner, Z2JHKubeSpawner) else None
    if limit is None:
        return {}
    used = spawner.hours_used
    return {"used": f"{used:.1f}", "left": f"{max(limit - used, 0):.1f}", "limit": f"{limit:g}"}


def rescue_servers(user: Any) -> list[Any]:
    """Return the spawners of a user's rescue servers that run, start or stop."""
    spawners = user.spawners.values() if user and hasattr(user, "spawners") else ()
    return [each for each in spawners if getattr(each, "rescuing", False) and each.active]


def last_stop(spawner: Any) -> Mapping[str, Any]:
    """Return why and when a server stopped last; empty if that is unknown."""
    stop = getattr(spawner, "last_stop", None)
    return stop if isinstance(stop, Mapping) else {}
