"""How kubectl's tables write things: ages, absent values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Object = dict[str, Any]
# Kubernetes' duration.HumanDuration: up to a limit in seconds, in which units.
_DAY = 86400


def at(obj: Any, path: str) -> Any:
    """What is at a dotted path, or None."""
    for key in path.split("."):
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def none(value: Any) -> str:
    return "<none>" if value in (None, "") else str(value)


def unset(value: Any) -> str:
    return "<unset>" if value in (None, "") else str(value)


def age(when: str | None, now: float) -> str:
    """How long ago a Kubernetes time was."""
    if not when:
        return "<unknown>"
    return duration(now - datetime.fromisoformat(when).timestamp())


def duration(seconds: float) -> str:
    """Seconds in the two largest units that say something: `3m5s`, `7h`, `2d3h`."""
    if seconds < -1:
        return "<invalid>"
    left = max(0, int(seconds))
    if left < 120:
        return f"{left}s"
    minutes, hours, days = left // 60, left // 3600, left // _DAY
    if minutes < 10:
        return f"{minutes}m" + _rest(left % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h" + _rest(minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d" + _rest(hours % 24, "h")
    if days < 730:
        return f"{days}d"
    years = days // 365
    return f"{years}y" + (_rest(days % 365, "d") if years < 8 else "")


def _rest(amount: int, unit: str) -> str:
    return f"{amount}{unit}" if amount else ""
