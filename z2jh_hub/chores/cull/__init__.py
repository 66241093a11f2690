"""Explain when and why a user's servers will be culled.

kernels    Jupyter Server's own settings that stop kernels or the server
queries    requests to the hub's API

The forecast itself is `hub.culling`, which the hub's pages use as well.

The culler is `jupyterhub_idle_culler`; the rules are those of its release 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...config.errors import ConfigError
from ...config.values import Values
from ...hub.culling import processes, settings
from ...hub.culling.forecast import Forecast, Server, forecast_account, forecast_servers
from ...hub.culling.settings import Culler
from .. import ChoreError
from . import kernels, queries
from .kernels import Inside

__all__ = ["Answer", "Forecast", "Inside", "Server", "explain"]


@dataclass(frozen=True)
class Answer:
    """The forecasts for a user's servers and account, and the settings that they depend on."""

    user: str
    at: datetime
    cullers: Sequence[Culler]
    #: both None if nothing is culled and the hub was not queried
    servers: Sequence[Server] | None
    account: Forecast | None
    #: None without values
    inside: Sequence[Inside] | None


async def explain(
    user: str,
    server: str | None,
    values: Values | None,
    hub_url: str | None = None,
    token: str | None = None,
) -> Answer:
    """Forecast when a user's servers, or `server` alone, will be culled.

    `token` needs the scopes `read:users:activity` and `read:servers`. Raises ChoreError, also for
    an unknown user or server.
    """
    cullers = _cullers(values, hub_url)
    url = hub_url or next((each.url for each in cullers if each.url), None)
    inside = None if values is None else kernels.settings_inside(values)
    if not cullers and not (url and token):
        return Answer(user, datetime.now(UTC), cullers, None, None, inside)
    if not token:
        raise ChoreError(
            "no API token: pass --token, or set JUPYTERHUB_API_TOKEN. The token needs the scopes "
            "read:users:activity and read:servers; the hub's page /hub/token creates one"
        )
    if not url:
        raise ChoreError("no culler runs on this machine, so the hub is unknown: pass --hub-url")
    model = await queries.user(settings.api_url(url), token, user)
    now = datetime.now(UTC)
    servers = forecast_servers(model, cullers, now)
    if server is not None:
        servers = [each for each in servers if each.name == server]
        if not servers:
            which = f"server named {server}" if server else "default server"
            raise ChoreError(f"{user} has no running {which}")
    return Answer(user, now, cullers, servers, forecast_account(model, cullers, now), inside)


def _cullers(values: Values | None, hub_url: str | None) -> Sequence[Culler]:
    """Return the running cullers of this hub; without one, the culler that the values configure."""
    running = processes.cullers()
    if hub_url:
        running = [each for each in running if settings.same_hub(each.url, hub_url)]
    urls = sorted({settings.api_url(each.url) for each in running if each.url})
    if len(urls) > 1:
        raise ChoreError(
            f"cullers of several hubs run here: pass --hub-url, one of {', '.join(urls)}"
        )
    if running:
        return running
    if values is None:
        raise ChoreError(
            "no culler runs on this machine and no values are mounted, so the settings of the "
            "culler are unknown: run this command in the hub's pod, or pass values files with -f"
        )
    try:
        return settings.of_values(values)
    except (ConfigError, ValueError) as error:
        raise ChoreError(f"the values of cull are invalid: {error}") from None
