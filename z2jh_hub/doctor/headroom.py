"""Count how many more user servers fit on the nodes, by their requests.

The requests of a user server are those of the placeholders, which the chart gives the requests of
the default server; without placeholders, the most frequent ones of running servers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..config.quantities import parse
from .snapshot import (
    Object,
    Snapshot,
    component_of,
    name_of,
    pod_spec,
    spec_of,
    status_of,
)

PLACEHOLDER = "user-placeholder"
_FINISHED = frozenset({"Succeeded", "Failed"})
_BLOCKING = frozenset({"NoSchedule", "NoExecute"})
MIB = 1024**2

Amounts = Mapping[str, float]


@dataclass(frozen=True)
class Headroom:
    """`servers` more servers, which request `request` each, fit on `nodes` nodes."""

    servers: int
    nodes: int
    request: str


def headroom(snapshot: Snapshot) -> Headroom | None:
    """Return the room for more user servers; None if nodes, pods or requests are unknown."""
    if not (snapshot.knows("nodes") and snapshot.knows("allpods")):
        return None
    spec = _server(snapshot)
    if spec is None:
        return None
    request = requests(spec)
    nodes = [node for node in snapshot.of("nodes") if _accepts(node, spec)]
    used = _used(snapshot)
    servers = sum(_fitting(_free(node, used[name_of(node)]), request) for node in nodes)
    return Headroom(servers, len(nodes), _shown(request))


def _server(snapshot: Snapshot) -> Object | None:
    """Return the spec of a pod like that of the default server, as far as it is known."""
    for placeholder in snapshot.component("statefulsets", PLACEHOLDER):
        return pod_spec(placeholder)
    specs = [spec_of(pod) for pod in snapshot.user_pods()]
    if not specs:
        return None
    frequent = Counter(tuple(sorted(requests(spec).items())) for spec in specs).most_common(1)[0][0]
    return next(spec for spec in specs if tuple(sorted(requests(spec).items())) == frequent)


def requests(spec: Object) -> dict[str, float]:
    """Return what the scheduler reserves for a pod: {resource: bytes, cores or a number}."""
    total: defaultdict[str, float] = defaultdict(float)
    for container in spec.get("containers") or ():
        for name, amount in _requests_of(container):
            total[name] += amount
    for container in spec.get("initContainers") or ():
        sidecar = container.get("restartPolicy") == "Always"
        for name, amount in _requests_of(container):
            total[name] = total[name] + amount if sidecar else max(total[name], amount)
    total["pods"] = 1
    return dict(total)


def _requests_of(container: Object) -> Iterator[tuple[str, float]]:
    resources = container.get("resources") or {}
    # a limit is also the request, if that is not set
    for name, text in {
        **(resources.get("limits") or {}),
        **(resources.get("requests") or {}),
    }.items():
        amount = parse(text)
        if amount:
            yield name, float(amount)


def _used(snapshot: Snapshot) -> defaultdict[str, Amounts]:
    """Return the requests of the pods on each node. Placeholders make room for servers."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pod in snapshot.of("allpods"):
        node = spec_of(pod).get("nodeName")
        over = status_of(pod).get("phase") in _FINISHED
        if node and not over and component_of(pod) != PLACEHOLDER:
            for name, amount in requests(spec_of(pod)).items():
                used[node][name] += amount  # type: ignore[assignment]
    return used  # type: ignore[return-value]


def _free(node: Object, used: Amounts) -> Amounts:
    allocatable = status_of(node).get("allocatable") or {}
    return {name: float(parse(text) or 0) - used.get(name, 0) for name, text in allocatable.items()}


def _fitting(free: Amounts, request: Amounts) -> int:
    return max(0, min(int(free.get(name, 0) // amount) for name, amount in request.items()))


def _accepts(node: Object, spec: Object) -> bool:
    """Return whether the scheduler may place a pod on a node, apart from its resources."""
    if spec_of(node).get("unschedulable"):
        return False
    labels = node["metadata"].get("labels") or {}
    if not labels.items() >= (spec.get("nodeSelector") or {}).items():
        return False
    if not _matches_affinity(labels, spec):
        return False
    tolerations = spec.get("tolerations") or ()
    return all(
        any(_tolerates(toleration, taint) for toleration in tolerations)
        for taint in spec_of(node).get("taints") or ()
        if taint.get("effect") in _BLOCKING
    )


def _tolerates(toleration: Mapping[str, str], taint: Mapping[str, str]) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    same_key = toleration.get("key") == taint.get("key")
    return same_key and (toleration.get("value") or "") == (taint.get("value") or "")


def _matches_affinity(labels: Mapping[str, str], spec: Object) -> bool:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms")
    return not terms or any(
        all(_matches(labels, each) for each in term.get("matchExpressions") or ()) for term in terms
    )


def _matches(labels: Mapping[str, str], expression: Mapping[str, object]) -> bool:
    """Return whether labels match an expression; Gt and Lt are regarded as matching."""
    key, values = str(expression.get("key")), expression.get("values") or ()
    assert isinstance(values, (list, tuple))
    answers = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return answers.get(str(expression.get("operator")), True)


def _shown(request: Amounts) -> str:
    units = {"memory": (MIB, " MiB of memory"), "cpu": (1, " CPU")}
    parts = []
    for name in sorted(request.keys() - {"pods"}, reverse=True):
        size, unit = units.get(name, (1, f" {name}"))
        parts.append(f"{request[name] / size:.4g}{unit}")
    return ", ".join(parts) or "nothing"
