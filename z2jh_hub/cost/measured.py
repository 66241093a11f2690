"""Read the pattern of a running hub: how many servers ran in each hour of the week.

The file is a copy of the hub's SQLite database with the sessions that quotas record
(`z2jh_sessions`), or the answer of Prometheus to a range query, as JSON.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import CostError, reading
from .patterns import MOST_USERS, Pattern
from .running import HOURS, STEPS, STEPS_PER_HOUR

SQLITE = b"SQLite format 3\x00"
MOST_BYTES = 50_000_000
METRIC = "jupyterhub_running_servers"
QUERY = f"/api/v1/query_range?query=sum({METRIC})&step=3600&start=…&end=…"
STEP = timedelta(hours=1) / STEPS_PER_HOUR
# Monday
WEEK_START = datetime(2024, 1, 1)


def read(file: Path) -> Pattern:
    """Return the pattern in a database or in an answer of Prometheus. Raises CostError."""
    try:
        with file.open("rb") as opened:
            is_database = opened.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise CostError(f"{file} cannot be read: {error.strerror}") from None
    return _of_database(file) if is_database else _of_prometheus(file)


def _of_database(file: Path) -> Pattern:
    try:
        # `immutable`: neither locks nor writes; a copy has no other writer
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as db:
            users = db.execute("SELECT count(*) FROM users").fetchone()[0]
            rows = db.execute("SELECT started, seen FROM z2jh_sessions").fetchall()
    except sqlite3.Error as error:
        reason = str(error)
        if "no such table: z2jh_sessions" in reason:
            reason = "the hub records when servers ran only if hub.quotas limits hoursPerWeek"
        raise CostError(
            f"{file} has no record of servers: {reason}; use the answer of Prometheus to {QUERY}"
        ) from None
    try:
        spans = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in rows]
    except (TypeError, ValueError):
        raise CostError(f"{file}: z2jh_sessions has rows without times") from None
    if not spans:
        raise CostError(f"{file}: z2jh_sessions is empty; no server has run for two weeks")
    return Pattern(
        str(file), _weekly(spans, file), measured=True, shares=False, users=users or None
    )


def _weekly(spans: list[tuple[datetime, datetime]], file: Path) -> list[float]:
    """Return the average number of servers in each hour of the week."""
    first = min(start for start, _ in spans)
    last = max(end for _, end in spans)
    if not timedelta() < last - first < timedelta(days=60):
        raise CostError(f"{file}: the sessions span {last - first}; expected: less than 60 days")
    weeks = max(1.0, (last - first) / timedelta(weeks=1))
    steps = [0.0] * STEPS
    for start, end in spans:
        for step in range((start - WEEK_START) // STEP, (end - WEEK_START) // STEP + 1):
            steps[step % STEPS] += 1
    hourly = (steps[at : at + STEPS_PER_HOUR] for at in range(0, STEPS, STEPS_PER_HOUR))
    return [sum(hour) / STEPS_PER_HOUR / weeks for hour in hourly]


def _of_prometheus(file: Path) -> Pattern:
    expected = f"an SQLite database, or the answer of Prometheus to {QUERY}"
    text = reading.text_of(file, MOST_BYTES, expected)
    try:
        answer = json.loads(text)
        samples = list(_samples(answer["data"]["result"]))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        raise CostError(f"{file} has no measured servers; expected: {expected}") from None
    if not samples:
        raise CostError(f"{file} has no samples; expected: {expected}")
    return Pattern(str(file), _averages(samples), measured=True, shares=False)


def _samples(series: Iterable[dict[str, Any]]) -> Iterator[tuple[datetime, float]]:
    """Yield the samples; those of several series at the same time are added."""
    totals: dict[float, float] = {}
    for each in series:
        for moment, number in each["values"]:
            value = float(number)
            if not 0 <= value <= MOST_USERS:
                raise ValueError(number)
            totals[float(moment)] = totals.get(float(moment), 0.0) + value
    for moment, value in totals.items():
        yield datetime.fromtimestamp(moment, UTC).replace(tzinfo=None), value


def _averages(samples: Iterable[tuple[datetime, float]]) -> list[float]:
    """Return the average of each hour of the week."""
    hours: list[list[float]] = [[] for _ in range(HOURS)]
    for moment, value in samples:
        hours[(moment - WEEK_START) // timedelta(hours=1) % HOURS].append(value)
    return [sum(hour) / len(hour) if hour else 0.0 for hour in hours]
