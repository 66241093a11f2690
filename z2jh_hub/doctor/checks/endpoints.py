"""Report Services of the release that lead nowhere although their pods are ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..causes import is_over, is_ready
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, component_of, name_of, spec_of
from .core import AUTOHTTPS, HUB, PROXY

# component of a Service: what users notice
_CONSEQUENCES = {
    "hub": "The proxy and user servers cannot reach the hub.",
    "proxy-public": "Nobody can reach the hub or a server.",
    "proxy-api": "The hub cannot add routes, so new servers cannot be reached.",
    "autohttps": "Nobody can reach the hub: traefik does not reach the proxy.",
}
SERVICE = "kubernetes.io/service-name"  # label of an EndpointSlice


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    if not snapshot.knows("pods"):
        return
    for component, consequence in _CONSEQUENCES.items():
        for service in snapshot.component("services", component):
            if problem := _problem(snapshot, service):
                name = name_of(service)
                yield Finding(
                    "service-without-endpoints", "error", f"Service/{name}", problem, consequence,
                    "Compare its selector with the labels of the pods: "
                    + kubectl(snapshot, "describe", "service", name),
                    (f"selector: {_shown(spec_of(service).get('selector') or {})}",),
                )  # fmt: skip


def _problem(snapshot: Snapshot, service: Object) -> str | None:
    selector = spec_of(service).get("selector") or {}
    if not selector:
        return None  # an administrator maintains its endpoints
    pods = [pod for pod in snapshot.of("pods") if not is_over(pod)]
    selected = [pod for pod in pods if _labels(pod).items() >= selector.items()]
    if not selected:
        # if there are no pods at all, that is the problem, and reported
        related = snapshot.component("pods", _target(snapshot, component_of(service)))
        ready = any(is_ready(pod) and not is_over(pod) for pod in related)
        return "its selector matches no pod" if ready else None
    if (
        any(map(is_ready, selected))
        and snapshot.knows("endpoints")
        and not _has_endpoint(snapshot, name_of(service))
    ):
        return "it has no ready endpoints, although its pods are ready"
    return None


def _target(snapshot: Snapshot, component: str) -> str:
    """Return the component of the pods to which a Service of `component` leads."""
    if component == HUB:
        return HUB
    public = component == "proxy-public" and snapshot.component("deployments", AUTOHTTPS)
    return AUTOHTTPS if public else PROXY


def _labels(pod: Object) -> Mapping[str, str]:
    labels: Mapping[str, str] = pod["metadata"].get("labels") or {}
    return labels


def _has_endpoint(snapshot: Snapshot, service: str) -> bool:
    slices = [each for each in snapshot.of("endpoints") if _labels(each).get(SERVICE) == service]
    return any(
        (endpoint.get("conditions") or {}).get("ready") is not False
        for each in slices
        for endpoint in each.get("endpoints") or ()
    )


def _shown(selector: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in selector.items())
