"""Share one call among everyone who makes it at about the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedCall(Generic[T]):
    """A call whose result, or error, is shared by all callers for `seconds` after it began."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._task: asyncio.Task[T] | None = None
        self._began = 0.0

    async def get(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the shared result; await `call()` if there is none, or it is too old."""
        now = time.monotonic()
        if self._task is None or (self._task.done() and now - self._began > self.seconds):
            self._began = now
            # a task, because the caller that began it may be cancelled
            self._task = asyncio.create_task(call())
        return await asyncio.shield(self._task)


class Coalesced(Generic[T]):
    """One call for everybody who asks while another call is under way.

    No answer is older than its question: a call that is under way may have begun before
    something changed, so later callers share the next one.
    """

    def __init__(self) -> None:
        self._current: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def get(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer of a call of `ask` that begins after this one. Raises what it raises."""
        if self._current is None or self._current.done():
            self._current = task = asyncio.create_task(ask())
        else:
            self._next = task = self._next or asyncio.create_task(self._after(self._current, ask))
        return await asyncio.shield(task)

    async def _after(
        self, current: asyncio.Task[T], ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        await asyncio.wait({current})
        self._current, self._next = self._next, None
        return await ask()
