"""Patterns of use: the users who are active in each hour of the week, from Monday 0:00."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from . import CostError, reading
from .running import HOURS

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DEFAULT_USERS = 200
MOST_USERS = 100_000
MOST_BYTES = 1_000_000
HEADERS = {"users": "a number of users", "share": "a share of all users, from 0 to 1"}


@dataclass(frozen=True)
class Pattern:
    """Users in each hour of the week, and how many of them others replace within an hour.

    With `measured`, the numbers are servers that ran, those waiting to be culled included.
    """

    name: str
    hours: Sequence[float]
    turnover: float = 0.25
    measured: bool = False
    #: whether `hours` are shares of all users instead of numbers of users
    shares: bool = True
    users: int | None = None

    def active(self, users: int) -> list[float]:
        """Return the number of users in each hour, of `users` in total."""
        return [hour * users for hour in self.hours] if self.shares else list(self.hours)

    def total(self, users: int | None) -> int:
        """Return the number of users: the given one, or that of the pattern. Raises CostError."""
        needed = 0 if self.shares else -int(-max(self.hours) // 1)
        total = users or self.users or max(needed, 1 if needed else DEFAULT_USERS)
        if needed > total:
            raise CostError(
                f"{self.name} has {needed} users at the same time, and --users is {total}: "
                f"use --users {needed} or more"
            )
        return total


def _class(day: int, hour: int) -> float:
    """Two lectures a week, exercises on two afternoons, and homework."""
    if day in (0, 2) and hour in (10, 11):
        return 0.9
    if day in (1, 3) and 14 <= hour < 18:
        return 0.25
    if 9 <= hour < 23:
        return 0.1
    return 0.0


def _research(day: int, hour: int) -> float:
    """Office hours with a break at noon, some evenings, and a few jobs at night."""
    if day < 5 and 9 <= hour < 18:
        return 0.2 if hour in (12, 13) else 0.25
    if 8 <= hour < 23:
        return 0.1 if day < 5 else 0.06
    return 0.03


def _always(day: int, hour: int) -> float:
    """All users, at any time."""
    return 1.0


BUILT_IN: Mapping[str, tuple[Callable[[int, int], float], float]] = {
    "class": (_class, 0.25),
    "research": (_research, 0.15),
    "always": (_always, 0.0),
}


def read(name: str) -> Pattern:
    """Return a built-in pattern, or that of a CSV file. Raises CostError."""
    if name in BUILT_IN:
        of_hour, turnover = BUILT_IN[name]
        return Pattern(name, [of_hour(*divmod(at, 24)) for at in range(HOURS)], turnover)
    return replace(_parse(_text(Path(name)), name), name=name)


def _text(file: Path) -> str:
    return reading.text_of(file, MOST_BYTES, f"{', '.join(BUILT_IN)}, or a CSV file")


def _parse(text: str, file: str) -> Pattern:
    rows = csv.reader(StringIO(text, newline=""))
    hours: dict[int, float] = {}
    column = ""
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            line = f"{file}:{rows.line_num}"
            if not column:
                column = _header(cells, line)
                continue
            at, number = _row(cells, column, line)
            if at in hours:
                day, hour = divmod(at, 24)
                raise CostError(f"{line}: {DAYS[day]}, {hour} o'clock occurs twice")
            hours[at] = number
    except csv.Error as error:
        raise CostError(f"{file}:{rows.line_num}: invalid CSV: {error}") from None
    if not hours:
        raise CostError(f"{file} has no rows; expected: a line day,hour,users and a row per hour")
    return Pattern(file, [hours.get(at, 0.0) for at in range(HOURS)], shares=column == "share")


def _header(cells: Sequence[str], line: str) -> str:
    names = [cell.lower() for cell in cells]
    if names[:2] == ["day", "hour"] and len(names) == 3 and names[2] in HEADERS:
        return names[2]
    hint = "; separate the columns with commas" if ";" in "".join(cells) else ""
    raise CostError(f"{line}: expected: day,hour,users or day,hour,share as the first line{hint}")


def _row(cells: Sequence[str], column: str, line: str) -> tuple[int, float]:
    if len(cells) != 3:
        raise CostError(f"{line}: {len(cells)} columns; expected: 3, as in Monday,9,{20}")
    return _day(cells[0], line) * 24 + _hour(cells[1], line), _users(cells[2], column, line)


def _day(cell: str, line: str) -> int:
    names = {str(at + 1): at for at in range(7)}
    names |= {day[:length].lower(): at for at, day in enumerate(DAYS) for length in (3, len(day))}
    if cell.lower() not in names:
        expected = f"expected: {', '.join(day[:3] for day in DAYS)}, or 1 (Monday) to 7"
        raise CostError(f"{line}: {cell[:40]!r} is not a day; {expected}")
    return names[cell.lower()]


def _hour(cell: str, line: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 2 and int(cell) < 24):
        raise CostError(f"{line}: {cell[:40]!r} is not an hour; expected: 0 to 23")
    return int(cell)


def _users(cell: str, column: str, line: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = -1
    # also false for NaN
    if not 0 <= number <= (1 if column == "share" else MOST_USERS):
        raise CostError(f"{line}: {cell[:40]!r} is not {HEADERS[column]}")
    return number
