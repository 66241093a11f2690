"""How the start under way in this context waits for a change of its pod."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

# a function that returns when the pod changes, or after the given seconds
pod_changes: ContextVar[Callable[[float], Awaitable[None]] | None] = ContextVar(
    "pod_changes", default=None
)
