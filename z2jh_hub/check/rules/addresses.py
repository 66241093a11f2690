"""Report addresses of the hub that differ from those in the objects that the chart renders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import sandbox
from ...config.errors import Problem
from ...config.values import Values
from .. import causes, run_checks

# what differs → what does not work, and what to do instead
_EFFECTS = {
    "unused": ("has no effect, because {because}", "{instead}"),
    "base_url": (
        "the chart's probes, its Ingress and the links of other services use {expected}, so the "
        "hub never becomes ready",
        "set hub.baseUrl: {value} instead",
    ),
    "hub_bind_url": (
        "the chart's probes and the Service of the hub use port 8081 of the pod, so the hub never "
        "becomes ready",
        "remove this",
    ),
    "hub_connect_url": (
        "user pods cannot reach the hub at this address, which is their own pod",
        "remove this",
    ),
    "api_url": (
        "the proxy runs in a separate pod, so the hub cannot reach its API at this address",
        "remove this",
    ),
    "should_start": (
        "the proxy runs in a separate pod; the hub would try to start a second one",
        "remove this",
    ),
}
# address without effect → what applies instead
_BECAUSE = {
    "base_url": "the chart starts the proxy in a separate pod",
    "hub_bind_url": "the chart sets JupyterHub.hub_bind_url to {expected}",
    "hub_connect_url": "the chart sets JupyterHub.hub_connect_url to {expected}",
}
_INSTEAD = {
    "port": "set the ports of proxy.service instead",
    "bind_url": "set hub.baseUrl for another path, and proxy.service for another port",
}


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield addresses that the hub uses and the chart does not know."""
    try:
        differing = run_checks.answer(values, run_anyway=run_anyway)["addresses"]
    except sandbox.Stopped:
        return  # reported by `snippets`
    for one in differing or ():
        cause = {"kind": "trait", "inside": [], **one}
        place = causes.locate(values, cause)
        if place:
            yield _problem(place, one)


def _problem(place: causes.Located, one: dict[str, Any]) -> Problem:
    message, hint = _EFFECTS[one["problem"]]
    unused = one["problem"] == "unused"
    name, expected = f"{one['class']}.{one['trait']}", one["expected"]
    if isinstance(expected, bool):
        expected = str(expected).lower()
    one = {
        **one,
        "instead": _INSTEAD.get(one["trait"], "remove this"),
        "because": _BECAUSE.get(one["address"], "").format(**one),
    }
    return place.problem(
        f"{name} {message.format(**one)}" if unused else f"{name}: {message.format(**one)}",
        given=one["value"], expected="" if unused or expected is None else str(expected),
        hint=hint.format(**one), rule="chart-mismatch",
        severity="warning" if unused else "error",
    )  # fmt: skip
