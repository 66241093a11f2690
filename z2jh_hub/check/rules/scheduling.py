"""Report settings of `scheduling` with which user pods are not scheduled, or placeholders waste."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Problem
from ...config.values import Values
from .. import queries

SCHEDULER, PLACEHOLDER = "scheduling.userScheduler", "scheduling.userPlaceholder"


def findings(values: Values) -> Iterator[Problem]:
    """Yield numbers of replicas that do not do what they are for."""
    if queries.is_on(values, f"{SCHEDULER}.enabled") and values.get(f"{SCHEDULER}.replicas") == 0:
        yield values.problem(
            f"{SCHEDULER}.replicas", "user pods wait for a scheduler that does not run",
            expected="at least 1", hint="scheduling.userScheduler.enabled: false uses the "
            "cluster's own scheduler", rule="scheduling",
        )  # fmt: skip
    replicas = values.get(f"{PLACEHOLDER}.replicas")
    if (
        queries.is_on(values, f"{PLACEHOLDER}.enabled")
        and queries.is_number(replicas)
        and replicas > 0
        and not queries.is_on(values, "scheduling.podPriority.enabled")
    ):
        yield values.problem(
            f"{PLACEHOLDER}.replicas",
            "placeholders without a priority do not make room for user pods, so they only occupy "
            "the nodes",
            expected="scheduling.podPriority.enabled: true, or 0 placeholders",
            severity="warning", rule="scheduling",
        )  # fmt: skip
