"""The checks of a culler that runs inside the hub: which servers and accounts it stops.

The rules are those of `jupyterhub_idle_culler` 2.0, applied to what the hub has in memory. It stops
a server with the request that the culler sends, so permissions, logs and reasons are the same.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .settings import Culler

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

LOOK = 0.05  # seconds between two looks whether a stop has begun

# request(method, path below the API, body): the status; raises an error for 400 and above
Request = Callable[[str, str, str | None], Awaitable[int]]


class Checks:
    """The checks of one culler."""

    def __init__(self, hub: JupyterHub, culler: Culler, request: Request) -> None:
        self._hub, self._culler, self._request = hub, culler, request

    async def check(self, now: datetime) -> None:
        """Stop the servers, and then delete the accounts, whose limit has passed."""
        accounts = list(self._accounts_to_delete(now)) if self._culler.cull_users else []
        # at most so many requests that the hub has not begun to handle
        self._room = asyncio.Semaphore(self._culler.concurrency or 1_000_000)
        await _all(
            self._stop(spawner, reason) for spawner, reason in list(self._servers_to_stop(now))
        )
        running = {user.name for user in self._hub.users.values() if _is_active(user)}
        await _all(self._delete(name, reason) for name, reason in accounts if name not in running)

    def _servers_to_stop(self, now: datetime) -> Iterator[tuple[Any, str]]:
        """Yield each server whose limit has passed, with the reason."""
        for user in self._hub.users.values():
            for spawner in user.spawners.values():
                if spawner.ready and (reason := self._reason(spawner, now)):
                    yield spawner, reason

    def _reason(self, spawner: Any, now: datetime) -> str:
        culler, row = self._culler, spawner.orm_spawner
        last_activity = row.last_activity or row.started
        idle = culler.cull_named_servers if spawner.name else culler.cull_default_servers
        if idle and (time := _beyond(culler.timeout, last_activity, now)) is not None:
            return f"inactive for {time}"
        if culler.max_age and (time := _beyond(culler.max_age, row.started, now)) is not None:
            return f"age: {time}"
        return ""

    def _accounts_to_delete(self, now: datetime) -> Iterator[tuple[str, str]]:
        """Yield each account whose limit has passed, with the reason."""
        culler = self._culler
        for name, admin, last_activity, created in _accounts(self._hub.db):
            idle = culler.cull_admin_users or not admin
            unused = _beyond(culler.timeout, last_activity or created, now)
            if idle and unused is not None:
                yield name, f"inactive for {unused}"
            elif culler.max_age and (time := _beyond(culler.max_age, created, now)) is not None:
                yield name, f"age: {time}"

    async def _stop(self, spawner: Any, reason: str) -> None:
        """Stop a server. Another stop begins when the hub has begun this one."""
        name, server = spawner.user.name, spawner.name
        self._hub.log.info("Culling server %s (%s)", f"{name}/{server}" if server else name, reason)
        path = f"users/{quote(name, safe='')}/"
        path += f"servers/{quote(server, safe='')}" if server else "server"
        remove = bool(server) and self._culler.remove_named_servers
        body = json.dumps({"remove": True}) if remove else None
        async with self._room:
            answer = asyncio.ensure_future(self._request("DELETE", path, body))
            while not answer.done() and spawner.pending != "stop":
                await asyncio.wait({answer}, timeout=LOOK)
        await answer

    async def _delete(self, name: str, reason: str) -> None:
        """Delete the account of a user without a running server."""
        self._hub.log.info("Culling user %s (%s)", name, reason)
        async with self._room:
            await self._request("DELETE", f"users/{quote(name, safe='')}", None)


async def _all(actions: Iterable[Awaitable[None]]) -> None:
    """Await all; log the errors, as the next check tries again."""
    for result in await asyncio.gather(*actions, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("Culling failed, and is tried again at the next check: %s", result)


def _accounts(db: Any) -> Any:
    """Return the rows (name, admin, last activity, created) of all accounts."""
    from jupyterhub import orm
    from sqlalchemy import select

    return db.execute(
        select(orm.User.name, orm.User.admin, orm.User.last_activity, orm.User.created)
    )


def _is_active(user: Any) -> bool:
    return any(spawner.active for spawner in user.spawners.values())


def _beyond(limit: int, since: datetime | None, now: datetime) -> timedelta | None:
    """Return the time since a moment, in whole seconds, if it has reached a limit in seconds."""
    if since is None or now - since < timedelta(seconds=limit):
        return None
    return timedelta(seconds=int((now - since).total_seconds()))
