"""Run the hub on uvloop, an event loop in C.

Replaces asyncio's own event loop by another implementation of the same interface, which Tornado and
aiohttp support. Tornado makes the hub's loop with this function; loops of other threads stay
asyncio's.
"""

from __future__ import annotations

import asyncio


def install() -> None:
    """Have the hub's event loop made by uvloop. Raises ImportError without uvloop."""
    import uvloop

    asyncio.new_event_loop = uvloop.new_event_loop
