"""Compute how many servers run at each time of the week, from the users who are active.

A server runs while its user is active, and until it is culled. The week has steps of five
minutes and repeats itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

Number = TypeVar("Number", int, float)

HOURS = 168
STEPS_PER_HOUR = 12
STEPS = HOURS * STEPS_PER_HOUR
# the hub hears of activity within this time; see docs/cull.md
ACTIVITY_DELAY = 300


@dataclass(frozen=True)
class Culling:
    """The culler's settings, in seconds; `timeout` is None if servers are never culled."""

    timeout: float | None
    every: float = 600
    max_age: float = 0

    def idle_seconds(self, checks: float = 0.5) -> float:
        """Return how long an idle server runs; `checks` is the share of `every` that passes."""
        limits = [limit for limit in (self.timeout, self.max_age or None) if limit is not None]
        week = HOURS * 3600.0
        return min(week, min(limits) + checks * self.every + ACTIVITY_DELAY) if limits else week


def running(
    active: Sequence[float], idle_seconds: float, turnover: float, most: float
) -> list[int]:
    """Return the servers that run in each step, rounded up.

    active        users who are active in each hour of the week
    idle_seconds  how long a server runs after the last activity
    turnover      share of the active users who leave within an hour and are replaced by others
    most          no more servers than this run: the number of users, or a limit of the hub
    """
    steps = [active[step // STEPS_PER_HOUR] for step in range(STEPS)]
    window = min(STEPS, ceil(idle_seconds * STEPS_PER_HOUR / 3600))
    peaks, sums = highest(steps, window), _sums(steps, window)
    return [
        ceil(min(most, peak + turnover * total / STEPS_PER_HOUR) - 1e-9)
        for peak, total in zip(peaks, sums, strict=True)
    ]


def highest(steps: Sequence[Number], window: int) -> list[Number]:
    """Return the maximum of each step and of the `window` steps before it."""
    length = len(steps)
    results: list[Number] = []
    best: deque[int] = deque()
    for at in range(-window, length):
        while best and steps[best[-1] % length] <= steps[at % length]:
            best.pop()
        best.append(at)
        if best[0] < at - window:
            best.popleft()
        if at >= 0:
            results.append(steps[best[0] % length])
    return results


def _sums(steps: Sequence[float], window: int) -> list[float]:
    """Return the sum of the `window` steps before each step."""
    length, totals = len(steps), [0.0]
    for at in range(-window, length):
        totals.append(totals[-1] + steps[at % length])
    return [totals[at + window] - totals[at] for at in range(length)]
