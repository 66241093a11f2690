"""Cullers that run inside the hub, instead of as a process that asks it for all users.

`hub.speed.culler` decides whether a service runs like this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from . import record
from .checks import Checks
from .processes import DEFAULT_FILE
from .settings import api_url, is_culler, parse, unknown_options

log = logging.getLogger(__name__)

TIMEOUT = 60.0  # seconds; a stop is answered after JupyterHub.slow_stop_timeout, 10 by default


class Running:
    """A culler that runs in this hub."""

    def __init__(self, service: Any) -> None:
        self.command: Sequence[str] = tuple(service.command)
        self.started = datetime.now(UTC)
        self.culler = replace(parse(self.command), started=self.started)
        self._hub, self._token = service.app, service.api_token
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run the checks until `stop`."""
        self._task = asyncio.create_task(self._run(), name="culler")

    async def stop(self) -> None:
        """End the checks, and wait until they have ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        """Check at the start, and then at multiples of the interval."""
        while True:
            try:
                await self._check(datetime.now(UTC).replace(tzinfo=None))
            except Exception:
                log.exception("Culling failed, and is tried again at the next check")
            await asyncio.sleep(self._until_next(datetime.now(UTC)))

    async def _check(self, now: datetime) -> None:
        api = api_url(self.culler.url or "")

        async def send(method: str, path: str, body: str | None) -> int:
            async with session.request(method, f"{api}/{path}", data=body) as answer:
                answer.raise_for_status()
                return answer.status

        # not the hub's own session, whose connections are few: each stop keeps one for a while
        async with aiohttp.ClientSession(
            headers={"Authorization": f"token {self._token}"},
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        ) as session:
            await Checks(self._hub, self.culler, send).check(now)

    def _until_next(self, now: datetime) -> float:
        following = self.culler.next_check(now)
        seconds = (following - now).total_seconds() if following else 0.0
        return seconds or float(self.culler.every)


#: by the name of the service
running: dict[str, Running] = {}


def is_possible(service: Any) -> bool:
    """Return whether a service is a culler that can run inside its hub.

    The hub runs no administrator's code for it: a configuration file may contain a hook.
    """
    command = service.command
    if isinstance(command, str) or not is_culler(command or ()) or not service.app:
        return False
    if service.url or service.environment or service.cwd or service.app.internal_ssl:
        return False
    try:
        options = parse(command)
    except ValueError:
        return False
    return (
        not unknown_options(command)
        and options.config is None
        and (options.url or "").startswith("http://")
        and options.every > 0
        and not Path(DEFAULT_FILE).exists()
    )


def start(service: Any) -> None:
    """Start the culler of a service. Raises OSError if it cannot be recorded."""
    culler = Running(service)
    record.write([*running.values(), culler])
    running[service.name] = culler
    culler.start()


async def stop(service: Any) -> None:
    """Stop the culler of a service."""
    await running.pop(service.name).stop()
    with suppress(OSError):  # a reader ignores the record of a hub that has ended
        record.write(running.values())
