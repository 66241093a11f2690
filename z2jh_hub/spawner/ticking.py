"""Waiting for a server that starts, and for what is said meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def ticking(
    events: AsyncGenerator[T, None], seconds: float, more: Callable[[], bool]
) -> AsyncGenerator[T | None, None]:
    """`events`; None where none comes for `seconds`, and after the last as long as `more()`."""
    waiting: asyncio.Future[T] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(events))
            await asyncio.wait({waiting}, timeout=seconds)
            if waiting.done():
                event, waiting = waiting.result(), None
                yield event
            else:
                yield None
    except StopAsyncIteration:
        pass
    finally:
        if waiting is not None and not waiting.done():
            waiting.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await waiting
        await events.aclose()
    while more():
        yield None
        await asyncio.sleep(seconds)
