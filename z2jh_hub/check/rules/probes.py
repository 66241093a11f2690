"""Report probes that Kubernetes rejects, or that restart a hub that is merely slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import queries

PODS = ("hub", "proxy.chp", "proxy.traefik")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# fields of a Kubernetes probe, with their minimum
LEAST = (
    ("initialDelaySeconds", 0),
    ("periodSeconds", 1),
    ("timeoutSeconds", 1),
    ("failureThreshold", 1),
    ("successThreshold", 1),
)
# the chart sets the first, and a probe has only one
HANDLERS = ("httpGet", "exec", "tcpSocket", "grpc")
DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3}
# seconds that a hub with thousands of users, or with a database to upgrade, takes to start
HUB_START = 60


def findings(values: Values) -> Iterator[Problem]:
    """Yield fields out of bounds, and a liveness probe that kills the hub while it starts."""
    for pod in PODS:
        for kind in PROBES:
            path = (*pod.split("."), kind)
            probe = queries.mapping(values, path)
            if probe.get("enabled", True):
                yield from _bounds(values, path, probe)
                yield from _handlers(values, path, probe)
    yield from _start_time(values, ("hub", "livenessProbe"))


def _bounds(values: Values, path: Path, probe: dict[str, Any]) -> Iterator[Problem]:
    for field, least in LEAST:
        value = probe.get(field)
        if queries.is_number(value) and value < least:
            yield values.problem(
                (*path, field), "Kubernetes rejects this value", expected=f"at least {least}",
                rule="probe",
            )  # fmt: skip
    success = probe.get("successThreshold")
    if path[-1] != "readinessProbe" and queries.is_number(success) and success > 1:
        yield values.problem(
            (*path, "successThreshold"),
            "Kubernetes accepts only 1 here",
            expected="1",
            rule="probe",
        )


def _handlers(values: Values, path: Path, probe: dict[str, Any]) -> Iterator[Problem]:
    for handler in HANDLERS:
        if probe.get(handler) is not None:
            yield values.problem(
                (*path, handler),
                "the chart sets httpGet in this probe, so Kubernetes rejects another handler",
                given=MISSING, expected="only times and thresholds",
                hint="the chart's path follows hub.baseUrl", rule="probe",
            )  # fmt: skip


def _start_time(values: Values, path: Path) -> Iterator[Problem]:
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
            f"the hub is killed if it does not answer {waits} seconds after its start, so a hub "
            "with many users, or with a database to upgrade, never starts",
            expected="initialDelaySeconds + periodSeconds * failureThreshold of at least "
            f"{HUB_START} seconds",
            severity="warning",
            rule="probe",
        )


def _given(values: Values, path: Path) -> dict[str, Any]:
    return queries.as_mapping(values.get_as_given(path))
