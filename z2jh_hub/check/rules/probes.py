"""Probes that Kubernetes refuses, or that restart what is only slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.values import Values
from .. import queries

PODS = ("hub", "proxy.chp", "proxy.traefik")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# fields of a probe of Kubernetes, and the least that each may be
LEAST = (
    ("initialDelaySeconds", 0),
    ("periodSeconds", 1),
    ("timeoutSeconds", 1),
    ("failureThreshold", 1),
    ("successThreshold", 1),
)
DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3}
# a hub with some thousand users, or one that upgrades its database, takes this long
HUB_START = 60


def findings(values: Values) -> Iterator[Problem]:
    """Fields out of their bounds; a hub that is killed while it starts."""
    for pod in PODS:
        for kind in PROBES:
            path = (*pod.split("."), kind)
            probe = queries.mapping(values, path)
            if probe.get("enabled", True):
                yield from _of_probe(values, path, probe)
    yield from _of_patience(values, ("hub", "livenessProbe"))


def _of_probe(values: Values, path: Path, probe: dict[str, Any]) -> Iterator[Problem]:
    for field, least in LEAST:
        given = probe.get(field)
        if queries.is_number(given) and given < least:
            yield values.problem(
                (*path, field), "Kubernetes refuses this", expected=f"at least {least}",
                rule="probe",
            )  # fmt: skip
    success = probe.get("successThreshold")
    if path[-1] != "readinessProbe" and queries.is_number(success) and success > 1:
        yield values.problem(
            (*path, "successThreshold"), "Kubernetes takes only 1 here", expected="1", rule="probe"
        )


def _of_patience(values: Values, path: Path) -> Iterator[Problem]:
    probe = queries.mapping(values, path)
    numbers = [probe.get(key, default) for key, default in DEFAULTS.items()]
    if probe.get("enabled") is False or not all(map(queries.is_number, numbers)):
        return
    if queries.mapping(values, ("hub", "startupProbe")):
        return
    delay, period, failures = numbers
    waits = delay + period * failures
    field = next((f for f in DEFAULTS if f in _given(values, path)), None)
    if field and waits < HUB_START:
        yield values.problem(
            (*path, field),
            f"a hub that does not answer {waits} s after its start is killed: one with many users, "
            "or with a database to upgrade, would never start",
            expected=f"initialDelaySeconds + periodSeconds * failureThreshold of {HUB_START} s "
            "or more",
            severity="warning",
            rule="probe",
        )


def _given(values: Values, path: Path) -> dict[str, Any]:
    return queries.as_mapping(values.get_as_given(path))
