"""One answer for all who ask at about the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """What one caller's question was answered, be it an error, for all who ask within `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._task: asyncio.Task[T] | None = None
        self._began = 0.0

    async def get(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer; `ask()` is awaited where there is none yet that is young enough."""
        now = time.monotonic()
        if self._task is None or (self._task.done() and now - self._began > self.seconds):
            self._began = now
            # a task of its own: whoever began it may be cancelled
            self._task = asyncio.create_task(ask())
        return await asyncio.shield(self._task)
