"""Compare what a pod requests with what the nodes of the cluster can hold when they are empty.

It needs the nodes, which the hub may list only if `rbac.hub.readNodes` is true. Recent schedulers
say the same in their messages, which the catalogue matches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..config.quantities import quantity
from ..failures import Fact, Pod

Amounts = Mapping[str, float]


def shortfall(pod: Pod, nodes: Sequence[Mapping[str, Any]]) -> Fact | None:
    """Return why no node can ever hold a pod, or None if one can.

    Only nodes that match the pod's nodeSelector count. Without such a node, the size of the pod is
    not what keeps it from starting.
    """
    requests = _requests(pod)
    selector = (pod.get("spec") or {}).get("nodeSelector") or {}
    sizes = [_size(node) for node in nodes if _labels(node).items() >= selector.items()]
    if not sizes or any(_holds(size, requests) for size in sizes):
        return None
    largest = {name: max(size.get(name, 0) for size in sizes) for name in requests}
    too_much = [name for name in requests if requests[name] > largest[name]]
    devices = [name for name in too_much if "/" in name]
    reason = "NoDevice" if devices else "TooLarge"
    shortages = [
        f"{name}: the pod requests {requests[name]:g}, and the largest node has {largest[name]:g}"
        for name in devices or too_much
    ]
    return Fact("nodes", reason, "; ".join(shortages) or "no node has all that the pod requests")


def _requests(pod: Pod) -> dict[str, float]:
    """Return what the scheduler reserves for a pod: its containers together, or an init container
    if that requests more."""
    spec = pod.get("spec") or {}
    together: dict[str, float] = {}
    for container in spec.get("containers") or ():
        for name, amount in _of_container(container).items():
            together[name] = together.get(name, 0) + amount
    for container in spec.get("initContainers") or ():
        for name, amount in _of_container(container).items():
            together[name] = max(together.get(name, 0), amount)
    return {name: amount for name, amount in together.items() if amount > 0}


def _of_container(container: Mapping[str, Any]) -> dict[str, float]:
    return _amounts((container.get("resources") or {}).get("requests") or {})


def _size(node: Mapping[str, Any]) -> dict[str, float]:
    return _amounts((node.get("status") or {}).get("allocatable") or {})


def _labels(node: Mapping[str, Any]) -> Mapping[str, str]:
    labels: Mapping[str, str] = node["metadata"].get("labels") or {}
    return labels


def _amounts(quantities: Mapping[str, Any]) -> dict[str, float]:
    return {name: quantity(value) for name, value in quantities.items()}


def _holds(size: Amounts, requests: Amounts) -> bool:
    return all(size.get(name, 0) >= amount for name, amount in requests.items())
