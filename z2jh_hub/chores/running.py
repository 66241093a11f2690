"""Run a task until it finishes or receives a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from . import ChoreError

Result = TypeVar("Result")


class Stopped(ChoreError):
    """A signal, SIGTERM or SIGINT, stopped the task."""


def run(chore: Coroutine[Any, Any, Result]) -> Result:
    """Run a task and return its result. Raises Stopped if a signal stops it, after its cleanup."""
    return asyncio.run(_until_stopped(chore))


async def _until_stopped(chore: Coroutine[Any, Any, Result]) -> Result:
    task = asyncio.ensure_future(chore)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise Stopped("stopped by a signal before it was done") from None


@contextmanager
def stoppable() -> Iterator[None]:
    """Make SIGTERM raise Stopped inside the block, so that cleanup runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped("stopped by a signal before it was done")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
