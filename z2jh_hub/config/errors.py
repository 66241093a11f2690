"""Problems of a configuration, for administrators.

Problem      one mistake: key, position, given value, expected value, hint
ConfigError  an exception with all problems of a configuration
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from ..masking import masked, printable

Severity = Literal["error", "warning", "note"]
Path = tuple[str, ...]


class Missing(Enum):
    """The type of `MISSING`, an absent value, as opposed to null."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True)
class Origin:
    """A position in a file. Lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One mistake in the values.

    `key` is dotted as in the values file. `given` is the value in the file, or `MISSING`; it is
    masked if the key names a secret.
    """

    key: str
    message: str
    given: Any = MISSING
    expected: str = ""
    hint: str = ""
    origin: Origin | None = None
    severity: Severity = "error"
    rule: str = "value"

    def shown(self) -> str:
        """Return `given` in one short line, without secrets; empty if it is missing."""
        return "" if self.given is MISSING else display(self.key.split("."), self.given)

    def lines(self) -> Iterator[str]:
        """Yield the lines of this problem as text."""
        where = f" ({self.origin})" if self.origin else ""
        yield f"{self.severity}: {self.key}{where}: {self.message}"
        for label, text in (
            ("given", self.shown()),
            ("expected", self.expected),
            ("hint", self.hint),
        ):
            if text:
                yield f"    {label + ':':<9} {text}"


class ConfigError(Exception):
    """The configuration is invalid. `problems` contains all mistakes."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(render(self.problems))


def render(problems: Iterable[Problem]) -> str:
    """Format problems as text, in the order of `ranked`."""
    return "\n".join(line for problem in ranked(problems) for line in problem.lines())


def ranked(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by severity, then by file and line."""
    order = {"error": 0, "warning": 1, "note": 2}
    nowhere = Origin("")

    def place(problem: Problem) -> tuple[int, str, int]:
        origin = problem.origin or nowhere
        return order[problem.severity], origin.file, origin.line or 0

    return sorted(problems, key=place)


def display(path: Iterable[str], value: Any, limit: int = 80) -> str:
    """Format `value` in one line of at most `limit` characters, with secrets masked."""
    value = masked(path, value)
    if not isinstance(value, str) or not value:
        value = json.dumps(_with_text_keys(value), ensure_ascii=False, default=str)
    text = printable(" ".join(value.split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _with_text_keys(value: Any) -> Any:
    """Return `value` with keys that JSON accepts; YAML also has dates as keys."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value
