"""Iterate over events without waiting for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def with_idle_ticks(
    events: AsyncGenerator[T, None], seconds: float, more: Callable[[], bool]
) -> AsyncGenerator[T | None, None]:
    """Yield `events`, and None each time that none came for `seconds`.

    After the last event, yield None every `seconds` as long as `more()` is true.
    """
    pending: asyncio.Future[T] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(events))
            await asyncio.wait({pending}, timeout=seconds)
            if pending.done():
                event, pending = pending.result(), None
                yield event
            else:
                yield None
    except StopAsyncIteration:
        pass
    finally:
        if pending is not None and not pending.done():
            pending.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending
        await events.aclose()
    while more():
        yield None
        await asyncio.sleep(seconds)
