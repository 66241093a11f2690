"""`kubectl exec` and `attach`: a command's streams over one WebSocket.

The protocol is Kubernetes' `v4.channel.k8s.io` and `v5`: each binary message begins with a byte
that names its channel. In v5, 255 and a channel close that channel.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web

from ..objects.versions import dump
from ..runtime import ExecSession

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255


class Channels:
    """One session, and the client at the other end of it."""

    def __init__(self, session: ExecSession, *, stdin: bool) -> None:
        self._session = session
        self._stdin = stdin

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Carry everything there and back until the command or the client ends."""
        socket = web.WebSocketResponse(protocols=PROTOCOLS)
        await socket.prepare(request)
        if not self._stdin:
            await self._session.close_stdin()
        listening = asyncio.create_task(self._listen(socket))
        working = asyncio.create_task(self._work(socket))
        try:
            await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, working):
                task.cancel()
            ended = await asyncio.gather(listening, working, return_exceptions=True)
            await self._session.kill()
        await socket.close()
        for outcome in ended:
            if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
                raise outcome
        return socket

    async def _work(self, socket: web.WebSocketResponse) -> None:
        await asyncio.gather(
            _carry(self._session.stdout, socket, STDOUT),
            _carry(self._session.stderr, socket, STDERR),
        )
        code = await self._session.wait()
        await socket.send_bytes(bytes([ERROR]) + dump(outcome(code)))

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT) or not message.data:
                continue
            data = message.data if isinstance(message.data, bytes) else message.data.encode()
            channel, rest = data[0], data[1:]
            if channel == STDIN and self._stdin and rest:
                await self._session.write(rest)
            elif channel == CLOSE and rest[:1] == bytes([STDIN]):
                await self._session.close_stdin()
            elif channel == RESIZE:
                size = json.loads(rest)
                await self._session.resize(size.get("Width", 0), size.get("Height", 0))


async def _carry(stream: AsyncIterator[bytes], socket: web.WebSocketResponse, channel: int) -> None:
    async for piece in stream:
        await socket.send_bytes(bytes([channel]) + piece)


def outcome(code: int) -> dict[str, Any]:
    """How a command ended, as the error channel says it."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
