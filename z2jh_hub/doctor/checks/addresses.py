"""Report a release that cannot be reached from outside of the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, spec_of, status_of

# seconds that a cloud provider or an Ingress controller may take
GRACE = 180.0
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
NOBODY = "Nobody can reach the hub from outside of the cluster."


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for service in snapshot.component("services", "proxy-public"):
        kind = spec_of(service).get("type") or "ClusterIP"
        if kind == "LoadBalancer":
            yield from _load_balancer(snapshot, service)
        elif kind == "ClusterIP":
            yield from _cluster_ip(snapshot, service)
    for ingress in snapshot.component("ingresses", "ingress"):
        yield from _ingress(snapshot, ingress)


def _load_balancer(snapshot: Snapshot, service: Object) -> Iterator[Finding]:
    if _addresses(service) or spec_of(service).get("externalIPs"):
        return
    if snapshot.age(service) < GRACE:
        return
    name = name_of(service)
    events = snapshot.events("Service", name)
    warnings = [event for event in events if event.get("type") == "Warning"]
    evidence = tuple(f"{e.get('reason')}: {e.get('message')}" for e in warnings[-1:])
    fix = (
        "Correct what the evidence names at the cloud provider, such as a quota"
        if evidence
        else "If the cluster has no load balancers, install one, set proxy.service.type to "
        "NodePort, or set it to ClusterIP and enable ingress"
    )
    yield Finding(
        "no-external-address",
        "error",
        f"Service/{name}",
        "the Service of type LoadBalancer has no external address",
        NOBODY,
        f"{fix}: {kubectl(snapshot, 'describe', 'service', name)}",
        evidence or ("no controller has reported anything about it",),
    )


def _cluster_ip(snapshot: Snapshot, service: Object) -> Iterator[Finding]:
    """Yield a note on a Service that only other pods can reach, if nothing else leads there."""
    name = name_of(service)
    if spec_of(service).get("externalIPs"):
        return
    if not (snapshot.knows("ingresses") and snapshot.knows("routes")):
        return
    if any(_leads_to(each, name) for kind in ("ingresses", "routes") for each in snapshot.of(kind)):
        return
    yield Finding(
        "only-inside-cluster",
        "note",
        f"Service/{name}",
        "the Service has the type ClusterIP, and no Ingress or HTTPRoute of the namespace leads "
        "to it",
        "The hub can be reached only through kubectl port-forward, or through a gateway outside "
        "of the namespace.",
        "If it should be public, enable ingress, or set proxy.service.type to LoadBalancer or "
        "NodePort.",
    )


def _leads_to(route: Object, service: str) -> bool:
    spec = spec_of(route)
    backends = [
        path.get("backend") or {}
        for rule in spec.get("rules") or ()
        for path in (rule.get("http") or {}).get("paths") or ()
    ]
    backends.append(spec.get("defaultBackend") or {})
    names = [(backend.get("service") or {}).get("name") for backend in backends]
    names += [
        reference.get("name")
        for rule in spec.get("rules") or ()
        for reference in rule.get("backendRefs") or ()
    ]
    return service in names


def _ingress(snapshot: Snapshot, ingress: Object) -> Iterator[Finding]:
    name = name_of(ingress)
    cls = _class(ingress)
    exists = not snapshot.knows("ingressclasses") or snapshot.named("ingressclasses", cls)
    if cls and spec_of(ingress).get("ingressClassName") and not exists:
        yield Finding(
            "ingress-class-missing",
            "error",
            f"Ingress/{name}",
            f"the Ingress class {cls!r} does not exist",
            NOBODY,
            "Set ingress.ingressClassName to a class of `kubectl get ingressclasses`, or install "
            "its controller.",
        )
    elif not _addresses(ingress) and snapshot.age(ingress) > GRACE:
        yield Finding(
            "ingress-without-address",
            "warning",
            f"Ingress/{name}",
            "no Ingress controller has given the Ingress an address",
            NOBODY + " Some controllers report no addresses; then this can be ignored.",
            "Check that a controller runs for the class "
            + (repr(cls) if cls else "(none; set ingress.ingressClassName)")
            + f": {kubectl(snapshot, 'describe', 'ingress', name)}",
        )


def _class(ingress: Object) -> str:
    annotations = ingress["metadata"].get("annotations") or {}
    return str(spec_of(ingress).get("ingressClassName") or annotations.get(CLASS_ANNOTATION) or "")


def _addresses(item: Object) -> list[str]:
    entries = (status_of(item).get("loadBalancer") or {}).get("ingress") or ()
    return [entry.get("ip") or entry.get("hostname") or "" for entry in entries]
