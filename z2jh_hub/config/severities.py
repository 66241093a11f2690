"""How reports show the severities of their findings."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from .errors import Severity

COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}
Style = Callable[..., str]


def plain(text: str, **_: Any) -> str:
    """Return `text` without colours."""
    return text


def summary(severities: Collection[Severity], described: str, style: Style = plain) -> str:
    """Return the number of findings of each severity, and where they are `described`."""
    counts = [(sum(each == severity for each in severities), severity) for severity in COLOURS]
    words = [f"{n} {severity}{'s' if n > 1 else ''}" for n, severity in counts if n]
    if not words:
        return style("No problems found.", fg="green")
    return f"{', '.join(words)}. {described}"
