"""Probes and lifecycle hooks: a command in the container, an HTTP request, a TCP connection.

Fields and defaults are those of Probe and Lifecycle in Kubernetes' Pod v1.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

Json = Mapping[str, Any]

HOOK_TIMEOUT = 60.0  # seconds; Kubernetes has none, but a hook that hangs would block the container


class HookFailed(Exception):
    """A probe or a hook failed. The text is for an event."""


class Target:
    """A container on which probes and hooks run."""

    def __init__(
        self,
        ip: str,
        ports: Sequence[Json],
        argv: Callable[[Sequence[str]], list[str]],
        env: Mapping[str, str],
        cwd: Path,
    ) -> None:
        self.ip = ip
        self.ports = ports
        self.argv = argv  # rewrites the container's paths in a command
        self.env = env
        self.cwd = cwd

    async def do(self, action: Json, timeout: float) -> None:
        """Run a probe or hook. Raise HookFailed if it fails."""
        try:
            async with asyncio.timeout(timeout):
                if "exec" in action:
                    await self._run(action["exec"].get("command") or [])
                elif "httpGet" in action:
                    await self._get(action["httpGet"])
                elif "tcpSocket" in action:
                    await self._connect(self._port(action["tcpSocket"]["port"]))
                elif "sleep" in action:
                    await asyncio.sleep(action["sleep"].get("seconds") or 0)
        except TimeoutError:
            raise HookFailed(f"no success within {timeout:g} s") from None
        except (OSError, aiohttp.ClientError) as error:
            raise HookFailed(str(error)) from error

    def _port(self, port: int | str) -> int:
        named = {each.get("name"): each["containerPort"] for each in self.ports}
        return int(named.get(port, port))

    async def _connect(self, port: int) -> None:
        _, writer = await asyncio.open_connection(self.ip, port)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _get(self, get: Json) -> None:
        scheme = (get.get("scheme") or "HTTP").lower()
        path = (get.get("path") or "/").lstrip("/")
        url = f"{scheme}://{get.get('host') or self.ip}:{self._port(get['port'])}/{path}"
        headers = {each["name"]: each["value"] for each in get.get("httpHeaders") or []}
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, headers=headers, ssl=False, allow_redirects=False) as answer,
        ):
            if not 200 <= answer.status < 400:
                raise HookFailed(f"HTTP probe failed with statuscode: {answer.status}")

    async def _run(self, command: Sequence[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.argv(command),
            env=dict(self.env),
            cwd=self.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        if process.returncode:
            message = output.decode(errors="replace").strip()[-500:]
            raise HookFailed(f"command exited with {process.returncode}: {message}")
