"""Report services that the proxy cannot reach."""

from __future__ import annotations

from collections.abc import Iterator

from ... import sandbox
from ...config.errors import Problem
from ...config.values import Values
from .. import code, run_checks, start_failures

# what is wrong → message, expected value, hint
_EXPLANATIONS = {
    "local": (
        "the proxy runs in a separate pod, so it cannot reach the service {entry} at this address",
        "http://hub:{port}, or the address of a Service",
        "for a service that the hub starts, add its port to hub.service.extraPorts and to "
        "hub.networkPolicy.ingress",
    ),
    "taken": (
        "the hub itself uses port {port}, so the service {entry} cannot listen there",
        "another port",
        "add the port to hub.service.extraPorts and to hub.networkPolicy.ingress",
    ),
    "port": (
        "the Service of the hub has no port {port}, so the proxy cannot reach the service {entry}",
        "a port of hub.service.extraPorts",
        "hub.service.extraPorts: [{{name: {entry}, port: {port}, targetPort: {port}}}], and "
        "allow the port in hub.networkPolicy.ingress",
    ),
    "policy": (
        "the network policy of the hub does not allow port {port}, so the proxy cannot reach the "
        "service {entry}",
        "a rule in hub.networkPolicy.ingress",
        "hub.networkPolicy.ingress: [{{ports: [{{port: {port}}}], from: [{{podSelector: "
        "{{matchLabels: {{hub.jupyter.org/network-access-hub: 'true'}}}}}}]}}]",
    ),
}


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield the services whose URL leads nowhere."""
    try:
        failures = run_checks.answer(values, run_anyway=run_anyway)["services"]
    except sandbox.Stopped:
        return  # reported by `snippets`
    pieces = code.pieces(values)
    for failure in failures or ():
        port = failure["port"] or "PORT"
        message, expected, hint = (
            text.format(**{**failure, "port": port}) for text in _EXPLANATIONS[failure["problem"]]
        )
        details = {"message": message, "expected": expected, "hint": hint}
        yield start_failures.problem(
            values, failure, pieces, {**details, "severity": "warning", "rule": "service-url"}
        )
