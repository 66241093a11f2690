"""Compare a pod with the one that the chart's values alone would make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import normpath
from typing import Any

from . import schema

# labels by which the chart's network policies, budgets and this hub select user pods
_LABELS = ("app", "component", "release", "hub.jupyter.org/network-access-hub")


@dataclass(frozen=True)
class Loss:
    """Something that the chart's pod has and another pod lacks.

    `kind` is mount, limit, request, security, affinity, toleration, selector, variable, init,
    container or label; `name` identifies it among its kind.
    """

    kind: str
    name: str


def losses(chart: dict[str, Any], pod: dict[str, Any]) -> list[Loss]:
    """Return what disappeared from the chart's pod."""
    remaining = set(_parts(pod))
    return [part for part in dict.fromkeys(_parts(chart)) if part not in remaining]


def _parts(pod: dict[str, Any]) -> Iterator[Loss]:
    pod = schema.without(pod, schema.mistakes(pod))
    spec = pod.get("spec") or {}
    server: dict[str, Any] = next(iter(spec.get("containers") or ()), {})
    for mount in server.get("volumeMounts") or ():
        yield Loss("mount", normpath(str(mount.get("mountPath"))))
    resources = server.get("resources") or {}
    for kind, key in (("limit", "limits"), ("request", "requests")):
        for name in resources.get(key) or ():
            yield Loss(kind, name)
    # without a request, Kubernetes uses the limit
    for name in resources.get("limits") or ():
        yield Loss("request", name)
    for owner in (spec, server):
        for name, value in (owner.get("securityContext") or {}).items():
            if value is not None:
                yield Loss("security", name)
    yield from _scheduling(spec)
    for variable in server.get("env") or ():
        yield Loss("variable", str(variable.get("name")))
    for kind, key in (("init", "initContainers"), ("container", "containers")):
        for container in (spec.get(key) or ())[kind == "container" :]:
            yield Loss(kind, str(container.get("name")))
    for name in (pod.get("metadata") or {}).get("labels") or ():
        if name in _LABELS:
            yield Loss("label", name)


def _scheduling(spec: dict[str, Any]) -> Iterator[Loss]:
    for name in spec.get("nodeSelector") or ():
        yield Loss("selector", name)
    for toleration in spec.get("tolerations") or ():
        yield Loss("toleration", str(toleration.get("key") or "any taint"))
    for kind, rules in (spec.get("affinity") or {}).items():
        required = (rules or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or {}
        terms = (
            required.get("nodeSelectorTerms", required) if isinstance(required, dict) else required
        )
        for term in terms if isinstance(terms, list) else ():
            for rule in term.get("matchExpressions") or ():
                yield Loss("affinity", f"{kind} {rule.get('key')}")
