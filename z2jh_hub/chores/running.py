"""Run a chore until it is done or the pod is told to stop."""

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
    """SIGTERM or SIGINT came before the chore was done."""


def run(chore: Coroutine[Any, Any, Result]) -> Result:
    """The chore's result. Raises Stopped where a signal ended it; it has then cleaned up."""
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
    """In the block, SIGTERM raises Stopped, so that what was begun is cleaned up."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped("stopped by a signal before it was done")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
