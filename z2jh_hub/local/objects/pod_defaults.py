"""The API server's defaults for pods: for their containers, volumes and tolerations."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
# fields and the values that they get if they are missing
Table = tuple[tuple[str, Any], ...]

POD_SPEC: Table = (
    ("restartPolicy", "Always"),
    ("terminationGracePeriodSeconds", 30),
    ("dnsPolicy", "ClusterFirst"),
    ("securityContext", {}),
    ("schedulerName", "default-scheduler"),
)
# defaults of a pod that its template does not get
POD_ONLY: Table = (
    ("priority", 0),
    ("enableServiceLinks", True),
    ("preemptionPolicy", "PreemptLowerPriority"),
)
CONTAINER: Table = (
    ("resources", {}),
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
)
PROBE: Table = (
    ("timeoutSeconds", 1),
    ("periodSeconds", 10),
    ("successThreshold", 1),
    ("failureThreshold", 3),
)
HTTP_GET: Table = (("path", "/"), ("scheme", "HTTP"))
VOLUME_SOURCES: dict[str, Table] = {
    "secret": (("defaultMode", 0o644),),
    "configMap": (("defaultMode", 0o644),),
    "downwardAPI": (("defaultMode", 0o644),),
    "projected": (("defaultMode", 0o644),),
    "hostPath": (("type", ""),),
}
CONDITION: Table = (("lastProbeTime", None), ("lastTransitionTime", None))
TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def fill(target: Object, table: Table) -> None:
    """Set the fields of `table` that `target` does not have."""
    for key, value in table:
        if key not in target:
            target[key] = value.copy() if isinstance(value, dict | list) else value


def whole(obj: Object) -> None:
    """Set the defaults of a pod."""
    pod_spec(obj.setdefault("spec", {}))
    fill(obj["spec"], POD_ONLY)


def pod_spec(spec: Object) -> None:
    """Set the defaults that a pod and a pod template have in common."""
    fill(spec, POD_SPEC)
    if "serviceAccountName" in spec or "serviceAccount" in spec:
        name = spec.get("serviceAccountName") or spec.get("serviceAccount")
        spec["serviceAccountName"] = spec["serviceAccount"] = name
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        _container(container, host=bool(spec.get("hostNetwork")))
    for each in spec.get("volumes", []):
        volume(each)


def _container(container: Object, *, host: bool) -> None:
    fill(container, CONTAINER)
    container.setdefault("imagePullPolicy", pull_policy(container.get("image", "")))
    for port in container.get("ports", []):
        port.setdefault("protocol", "TCP")
        if host and "containerPort" in port:
            port.setdefault("hostPort", port["containerPort"])
    for variable in container.get("env", []):
        _sources(variable.get("valueFrom", {}))
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in container:
            fill(container[name], PROBE)
            _handler(container[name])
    for handler in container.get("lifecycle", {}).values():
        if isinstance(handler, dict):
            _handler(handler)
    limits = container["resources"].get("limits", {})
    if limits:  # a limit without a request is also the request
        container["resources"]["requests"] = {
            **limits,
            **container["resources"].get("requests", {}),
        }


def pull_policy(image: str) -> str:
    """Return the default pull policy: Always for a tag that may change, else IfNotPresent."""
    name, _, tag = image.rpartition("/")[2].partition(":")
    if "@" in name or "@" in tag:
        return "IfNotPresent"
    return "Always" if tag in ("", "latest") else "IfNotPresent"


def _handler(handler: Object) -> None:
    if "httpGet" in handler:
        fill(handler["httpGet"], HTTP_GET)
    if "grpc" in handler:
        handler["grpc"].setdefault("service", "")


def _sources(source: Object) -> None:
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    if "resourceFieldRef" in source:
        source["resourceFieldRef"].setdefault("divisor", "0")


def volume(spec: Object) -> None:
    """Set the defaults of a volume, or of the source in a PersistentVolume's spec."""
    if spec.keys() <= {"name"}:
        spec["emptyDir"] = {}
    for source, table in VOLUME_SOURCES.items():
        if source in spec:
            fill(spec[source], table)
    projections = spec.get("projected", {}).get("sources", [])
    for part in [spec, *projections]:
        for item in part.get("downwardAPI", {}).get("items", []):
            _sources(item)
        if "serviceAccountToken" in part:
            part["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    template = spec.get("ephemeral", {}).get("volumeClaimTemplate")
    if template:
        template.setdefault("metadata", {})
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def admit(pod: Object) -> None:
    """Every pod stays five minutes on a node that is not well."""
    tolerations = pod["spec"].get("tolerations", [])
    for key in TOLERATED:
        known = (t for t in tolerations if t.get("effect") in (None, "", "NoExecute"))
        if not any(t.get("key") in (None, "", key) for t in known):
            tolerations = [
                *tolerations,
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            ]
    pod["spec"]["tolerations"] = tolerations


def quality(pod: Object) -> str:
    """The pod's QoS class, from what its containers ask for."""
    spec = pod["spec"]
    resources = [
        c.get("resources", {}) for c in spec.get("containers", []) + spec.get("initContainers", [])
    ]
    sides = [
        {name: value for name, value in side.get(which, {}).items() if name in ("cpu", "memory")}
        for side in resources
        for which in ("requests", "limits")
    ]
    if not any(sides):
        return "BestEffort"
    pairs = zip(sides[::2], sides[1::2], strict=True)
    full = all(len(limits) == 2 and requests == limits for requests, limits in pairs)
    return "Guaranteed" if full else "Burstable"


def status(pod: Object) -> None:
    """Complete a changed status, in place."""
    current = pod["status"]
    current.setdefault("qosClass", quality(pod))
    if ip := current.get("podIP"):
        current.setdefault("podIPs", [{"ip": ip}])
    for condition in current.get("conditions", []):
        fill(condition, CONDITION)
