"""`cull.*`: times that do not do what they seem to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ...config.errors import Problem
from ...config.values import Values
from .. import queries

# JUPYTERHUB_ACTIVITY_INTERVAL: how often a user's server reports that it is in use
ACTIVITY_INTERVAL = 300


def findings(values: Values) -> Iterator[Problem]:
    """A culler that looks too seldom, stops servers in use, or never waits for its timeout."""
    if not queries.is_on(values, "cull.enabled"):
        return
    timeout, every, age = (values.get(f"cull.{key}") for key in ("timeout", "every", "maxAge"))
    if not queries.is_number(timeout) or timeout <= 0:
        return
    if timeout < ACTIVITY_INTERVAL:
        yield values.problem(
            "cull.timeout",
            f"servers report every {ACTIVITY_INTERVAL} s that they are in use: "
            "with less, those in use are stopped too",
            expected=f"at least {ACTIVITY_INTERVAL}, in seconds",
            hint="is it in minutes? it is read as seconds",
            severity="warning",
            rule="cull-timeout",
        )
    if queries.is_number(every) and every > timeout:
        twice = every >= 2 * timeout
        severity: Literal["warning", "note"] = "warning" if twice else "note"
        yield values.problem(
            "cull.every",
            f"looks every {every} s for servers that are idle for {timeout} s: "
            f"some live for {timeout + every} s",
            expected=f"at most cull.timeout, {timeout}",
            severity=severity,
            rule="cull-period",
        )
    if queries.is_number(age) and 0 < age < timeout:
        yield values.problem(
            "cull.maxAge",
            f"every server is stopped at this age, in use or not, before cull.timeout ({timeout}) "
            "is over",
            expected=f"more than {timeout}, or 0 for no such limit",
            severity="warning",
            rule="cull-timeout",
        )
