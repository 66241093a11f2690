"""Run the hub on uvloop, an event loop in C.

Replaces asyncio's own event loop by another implementation of the same interface, which Tornado and
aiohttp support. Set before the loop exists.
"""

from __future__ import annotations

import asyncio


def install() -> None:
    """Have asyncio make uvloop's event loops. Raises ImportError without uvloop."""
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
