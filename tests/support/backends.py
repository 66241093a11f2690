"""A server in place of all user servers: websockets that echo, and large files both ways."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

VERSION = {"version": "2.0.0"}
BLOCK = bytes(range(256)) * 4096  # 1 MiB


async def _channels(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        await answer.send_str(f"echo {message.data}")
    return answer


async def _download(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(int(request.query["mib"])):
        await answer.write(BLOCK)
    return answer


async def _upload(request: web.Request) -> web.Response:
    digest = hashlib.sha256()
    async for part in request.content.iter_chunked(1 << 20):
        digest.update(part)
    return web.Response(text=digest.hexdigest())


async def _answer(_: web.Request) -> web.Response:
    return web.json_response(VERSION)


def _app() -> web.Application:
    app = web.Application(client_max_size=1 << 40)
    app.router.add_get("/user/{name}/channels", _channels)
    app.router.add_get("/user/{name}/file", _download)
    app.router.add_put("/user/{name}/file", _upload)
    app.router.add_route("*", "/{path:.*}", _answer)
    return app


@contextmanager
def serve() -> Iterator[int]:
    """Serve on a port of all loopback addresses, which fake pods have, in the `with` block."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        port = int(listener.getsockname()[1])
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        runner = web.AppRunner(_app(), access_log=None)

        async def start() -> None:
            await runner.setup()
            await web.SockSite(runner, listener).start()

        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield port
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
