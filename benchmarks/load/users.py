"""The users of a load test, and a substitute for the proxy that remembers its routes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from .processes import TOKEN

START_TIMEOUT = 300.0  # seconds
ATTEMPTS = 10  # of a user to start a server
RETRY = 2.0  # seconds between two of them


def names(count: int) -> list[str]:
    return [f"user-{number:05}" for number in range(count)]


class Users:
    """Requests of `count` users, `in_flight` at the same time."""

    def __init__(self, session: aiohttp.ClientSession, url: str, in_flight: int) -> None:
        self._session, self._url = session, url
        self._room = asyncio.Semaphore(in_flight)
        self.failed = 0  # starts

    async def create(self, users: list[str]) -> None:
        for first in range(0, len(users), 200):
            await self._call("POST", "users", {"usernames": users[first : first + 200]})

    async def each(self, users: list[str], action: Callable[[str], Awaitable[None]]) -> list[float]:
        """Perform `action` for each user; return the seconds that each took."""

        async def one(user: str) -> float:
            async with self._room:
                began = time.monotonic()
                await action(user)
                return time.monotonic() - began

        return list(await asyncio.gather(*map(one, users)))

    async def start(self, user: str) -> None:
        """Start a user's server, and again if that fails, as users do."""
        for _ in range(ATTEMPTS):
            if await self._start(user):
                return
            self.failed += 1
            await asyncio.sleep(RETRY)
        raise SystemExit(f"the server of {user} failed {ATTEMPTS} times")

    async def _start(self, user: str) -> bool:
        """Start a server, and follow its progress as the spawn page does; return its success."""
        async with self._session.post(f"{self._url}api/users/{user}/server") as answer:
            if answer.status >= 400:
                return False
        async with self._session.get(f"{self._url}api/users/{user}/server/progress") as answer:
            async for line in answer.content:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if event.get("failed") or event.get("ready"):
                        return bool(event.get("ready"))
        return False

    async def post_activity(self, user: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {"servers": {"": {"last_activity": stamp}}, "last_activity": stamp}
        await self._call("POST", f"users/{user}/activity", body)

    async def stop(self, user: str) -> None:
        await self._call("DELETE", f"users/{user}/server")

    async def ready(self) -> int:
        """Return the number of servers that the hub reports as ready."""
        offset, count = 0, 0
        while True:
            page = await self._call("GET", f"users?state=ready&offset={offset}&limit=200")
            count += len(page)
            offset += 200
            if len(page) < 200:
                return count

    async def until_ready(self, count: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while await self.ready() < count:
            if time.monotonic() > deadline:
                raise SystemExit(f"{await self.ready()} of {count} servers are known again")
            await asyncio.sleep(0.5)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        async with self._session.request(method, f"{self._url}api/{path}", json=body) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise SystemExit(f"{method} {path}: {answer.status} {text}")
            return json.loads(text) if text else None


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session with the permissions of the bench."""
    async with aiohttp.ClientSession(
        headers={"Authorization": f"token {TOKEN}"},
        timeout=aiohttp.ClientTimeout(total=START_TIMEOUT),
        connector=aiohttp.TCPConnector(limit=0),
    ) as opened:
        yield opened


@asynccontextmanager
async def proxy() -> AsyncIterator[int]:
    """Serve the API of configurable-http-proxy, without a proxy; yield its port."""
    routes: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"].strip("/")
        if request.method == "GET":
            return web.json_response(routes)
        if request.method == "POST":
            routes[path] = await request.json()
            return web.Response(status=201)
        routes.pop(path, None)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_route("*", "/api/routes{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
