"""The report of a failed start that a user can send to an administrator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..masking import without_secrets
from .user_options import clip

EVENTS = 10  # the last ones
LENGTH = 300  # characters of one event


def report(fields: Mapping[str, str], events: Iterable[Mapping[str, Any]]) -> str:
    """Return one line for each field that has a value, and the last events, without secrets."""
    width = max(map(len, fields)) + 1
    lines = [f"{name + ':':{width}} {clip(value)}" for name, value in fields.items() if value]
    last = [f"  {_line(event)}" for event in list(events)[-EVENTS:]]
    return without_secrets("\n".join([*lines, *(["Last events:", *last] if last else [])]))


def time_of(seconds: float) -> str:
    """Return a Unix time as text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _line(event: Mapping[str, Any]) -> str:
    when = str(event.get("lastTimestamp") or event.get("eventTime") or "")
    return clip(f"{when} {event.get('reason') or ''}: {event.get('message') or ''}".strip(), LENGTH)
