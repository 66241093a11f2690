"""Stop a `dev` from another process, and reset its state directory."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from ..server import Server, Settings
from . import children
from .layout import Layout, remove

LIMIT = 60.0  # seconds for a `dev` to stop all that it started

# what `reset` removes; HOMES only on request
USERS = ("hub", "objects.json", "secrets", "mounts")
REST = ("logs", "last-logs", "pods", "run", "ports.json", "port", "token", "kubeconfig", "version")
HOMES = ("claims", "claims.json", "volumes", "trash")


class StillRuns(Exception):
    """A `dev` did not end after SIGTERM."""


def stop(layout: Layout) -> bool:
    """Stop the `dev` of the directory, or what a killed one left. Return whether anything ran.

    Raises StillRuns, and StateError if another version wrote the directory.
    """
    if not layout.exists():
        return False
    if layout.is_taken():
        _tell(layout)
        return True
    layout.take()
    try:
        return _end_left(layout)
    finally:
        layout.release()


def _tell(layout: Layout) -> None:
    pid = layout.owner().get("pid")
    if isinstance(pid, int):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + LIMIT
    while layout.is_taken():
        if time.monotonic() > deadline:
            raise StillRuns(f"process {pid} still runs after {LIMIT:g} seconds")
        time.sleep(0.1)


def _end_left(layout: Layout) -> bool:
    left = children.left(layout)
    children.end_all(layout, left, keep_pods=True)
    pods = any(layout.state.pods.glob("*/pod.json"))
    if pods:
        asyncio.run(_end_pods(layout))
    return bool(left or pods)


async def _end_pods(layout: Layout) -> None:
    """Stop user servers as the API does, with their grace period."""
    server = Server(Settings(layout.root))
    await server.start()
    await server.stop()


def reset(layout: Layout, *, homes: bool) -> None:
    """Remove the state of `dev`, and the homes only if `homes`.

    Raises StateError if a `dev` runs in the directory (see `stop`).
    """
    layout.take()
    try:
        remove(_paths(layout, (*USERS, *REST, *(HOMES if homes else ()))))
    finally:
        layout.release()


def _paths(layout: Layout, names: tuple[str, ...]) -> list[Path]:
    return [layout.root / name for name in names]
