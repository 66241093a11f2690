"""When a server is culled, by what, and what activity was last seen.

settings   what a culler was told, from its command line or the values
processes  the cullers that run here, with the token that each was given
verdict    what follows for a user's servers
kernels    what ends kernels, or the server, from inside of it
asking     the hub's API

The culler is `jupyterhub_idle_culler`; its rules are those of its release 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...config.errors import ConfigError
from ...config.values import Values
from .. import ChoreError
from . import kernels, processes, queries, settings
from .kernels import Inside
from .settings import Culler
from .verdict import Server, Told, servers_of, user_of

__all__ = ["Answer", "Inside", "Server", "Told", "explain"]


@dataclass(frozen=True)
class Answer:
    """What there is to say of a user: their servers, they themselves, and what is known."""

    user: str
    at: datetime
    cullers: Sequence[Culler]
    #: both None where nothing is culled, and the hub was not asked
    servers: Sequence[Server] | None
    account: Told | None
    #: None where there are no values to look at
    inside: Sequence[Inside] | None


async def explain(
    user: str,
    server: str | None,
    values: Values | None,
    hub_url: str | None = None,
    token: str | None = None,
) -> Answer:
    """All that is known of the culling of a user's servers, or of `server` alone.

    The token is the culler's own where none is given: it may see what it decides by. Raises
    ChoreError, also for a user or server that is not there.
    """
    cullers = _cullers(values, hub_url)
    url = hub_url or next((each.url for each in cullers if each.url), None)
    token = token or next((each.token for each in cullers if each.token), None)
    inside = None if values is None else kernels.found(values)
    if not cullers and not (url and token):
        return Answer(user, datetime.now(UTC), cullers, None, None, inside)
    if not url or not token:
        raise ChoreError(
            "the culler does not run here, so that its token cannot be used to ask the hub: run "
            "this in the hub's pod, or give --hub-url and --token"
        )
    model = await queries.user(settings.api_url(url), token, user)
    now = datetime.now(UTC)
    found = servers_of(model, cullers, now)
    if server is not None:
        found = [each for each in found if each.name == server]
        if not found:
            which = f"server named {server}" if server else "default server"
            raise ChoreError(f"{user} has no {which} that runs")
    return Answer(user, now, cullers, found, user_of(model, cullers, now), inside)


def _cullers(values: Values | None, hub_url: str | None) -> Sequence[Culler]:
    """The cullers that run for this hub, else what the values say of one."""
    running = processes.cullers()
    if hub_url:
        running = [each for each in running if settings.same_hub(each.url, hub_url)]
    urls = sorted({settings.api_url(each.url) for each in running if each.url})
    if len(urls) > 1:
        raise ChoreError(f"cullers of several hubs run here: choose --hub-url of {', '.join(urls)}")
    if running:
        return running
    if values is None:
        raise ChoreError(
            "no culler runs here, and there are no values to read what it is told: run this in "
            "the hub's pod, or give the values with -f"
        )
    try:
        return settings.of_values(values)
    except (ConfigError, ValueError) as error:
        raise ChoreError(f"the values do not say how servers are culled: {error}") from None
