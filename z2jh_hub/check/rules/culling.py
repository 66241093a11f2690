"""Check the times in `cull`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ...config.errors import Problem
from ...config.values import Values
from .. import queries

# JUPYTERHUB_ACTIVITY_INTERVAL: how often a user's server reports that it is in use
ACTIVITY_INTERVAL = 300


def findings(values: Values) -> Iterator[Problem]:
    """Report culling that is too infrequent, or that stops servers in use."""
    if not queries.is_on(values, "cull.enabled"):
        return
    timeout, every, age = (values.get(f"cull.{key}") for key in ("timeout", "every", "maxAge"))
    if not queries.is_number(timeout) or timeout <= 0:
        return
    if timeout < ACTIVITY_INTERVAL:
        yield values.problem(
            "cull.timeout",
            f"servers report activity every {ACTIVITY_INTERVAL} seconds, so a shorter timeout "
            "also stops servers in use",
            expected=f"at least {ACTIVITY_INTERVAL} seconds",
            hint="the unit is seconds, not minutes",
            severity="warning",
            rule="cull-timeout",
        )
    if queries.is_number(every) and every > timeout:
        twice = every >= 2 * timeout
        severity: Literal["warning", "note"] = "warning" if twice else "note"
        yield values.problem(
            "cull.every",
            f"the culler checks every {every} seconds, so a server can be idle for "
            f"{timeout + every} seconds instead of {timeout}",
            expected=f"at most cull.timeout, {timeout}",
            severity=severity,
            rule="cull-period",
        )
    if queries.is_number(age) and 0 < age < timeout:
        yield values.problem(
            "cull.maxAge",
            "servers reach this age, and are stopped even when in use, before "
            f"cull.timeout ({timeout}) can take effect",
            expected=f"more than {timeout}, or 0 for no maximum age",
            severity="warning",
            rule="cull-timeout",
        )
