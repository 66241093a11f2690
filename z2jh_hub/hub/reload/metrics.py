"""Metrics of live reload."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

OUTCOMES = ("applied", "refused", "needs-restart")

RELOADS = Counter("z2jh_reloads", "Changes of the mounted values", ["outcome"])
LAST = Gauge("z2jh_reload_last_timestamp_seconds", "When the mounted values last changed")
WAITING = Gauge(
    "z2jh_values_not_in_force", "Changed values that were refused or wait for a restart"
)
for _outcome in OUTCOMES:
    RELOADS.labels(_outcome)


def changed() -> None:
    """Record that the mounted values changed."""
    LAST.set_to_current_time()


def count(outcome: str) -> None:
    """Count a change with this outcome, one of OUTCOMES."""
    RELOADS.labels(outcome).inc()


def waiting(number: int) -> None:
    """Set the number of changed values that are not applied."""
    WAITING.set(number)
