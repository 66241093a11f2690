"""What the API server fills in when an object is created or changed.

Each table says, for one type, which field gets which value where it is not given.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable
from typing import Any

from z2jh_hub.local import resources as kinds
from z2jh_hub.local.resources import Resource
from z2jh_hub.local.schema import canonical
from z2jh_hub.local.status import StatusError

Object = dict[str, Any]
Table = tuple[tuple[str, Any], ...]

POD_SPEC: Table = (
    ("restartPolicy", "Always"),
    ("terminationGracePeriodSeconds", 30),
    ("dnsPolicy", "ClusterFirst"),
    ("securityContext", {}),
    ("schedulerName", "default-scheduler"),
)
# What only a pod itself gets, not the template of one.
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
SERVICE: Table = (("type", "ClusterIP"), ("sessionAffinity", "None"))
CLUSTER_SERVICE: Table = (
    ("ipFamilies", ["IPv4"]),
    ("ipFamilyPolicy", "SingleStack"),
    ("internalTrafficPolicy", "Cluster"),
)
EVENT: Table = (
    ("source", {}),
    ("firstTimestamp", None),
    ("lastTimestamp", None),
    ("eventTime", None),
    ("reportingComponent", ""),
    ("reportingInstance", ""),
)
VOLUME_SPEC: Table = (("persistentVolumeReclaimPolicy", "Retain"), ("volumeMode", "Filesystem"))
STORAGE_CLASS: Table = (("reclaimPolicy", "Delete"), ("volumeBindingMode", "Immediate"))
TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
# Kinds whose `metadata.generation` counts the changes of their spec.
GENERATIONS = frozenset(
    {kinds.PODS, kinds.DEPLOYMENTS, kinds.STATEFUL_SETS, kinds.DAEMON_SETS, kinds.JOBS,
     kinds.CRON_JOBS, kinds.INGRESSES, kinds.INGRESS_CLASSES, kinds.NETWORK_POLICIES,
     kinds.PRIORITY_CLASSES, kinds.DISRUPTION_BUDGETS, kinds.ENDPOINT_SLICES}
)  # fmt: skip


def fill(target: Object, table: Table) -> None:
    """Give `target` what it lacks of `table`."""
    for key, value in table:
        if key not in target:
            target[key] = value.copy() if isinstance(value, dict | list) else value


def on_create(resource: Resource, obj: Object) -> None:
    """Complete a new object, in place; what a client says of its status is not believed."""
    if resource in GENERATIONS:
        obj["metadata"]["generation"] = 1
    if resource in _STATUS:
        obj["status"] = _STATUS[resource]()
    complete(resource, obj)
    if resource is kinds.CLAIMS:
        obj["metadata"]["finalizers"] = _with(obj, "kubernetes.io/pvc-protection")
    if resource is kinds.NAMESPACES:
        obj.setdefault("spec", {})["finalizers"] = ["kubernetes"]
    if resource is kinds.PODS:
        _admit(obj)
        obj["status"]["qosClass"] = quality(obj)
    if resource is kinds.SERVICES:
        _address(obj)


def on_status(resource: Resource, obj: Object) -> None:
    """Complete a changed status, in place."""
    if resource is not kinds.PODS:
        return
    status = obj["status"]
    status.setdefault("qosClass", quality(obj))
    if ip := status.get("podIP"):
        status.setdefault("podIPs", [{"ip": ip}])
    for condition in status.get("conditions", []):
        fill(condition, CONDITION)


def on_update(resource: Resource, new: Object, old: Object) -> None:
    """Complete a changed object, in place."""
    complete(resource, new)
    if resource is kinds.PODS:
        _admit(new)
    if resource is kinds.SERVICES and new.get("spec", {}).get("type") != "ExternalName":
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if key in old["spec"]:
                new["spec"].setdefault(key, old["spec"][key])
    if resource in GENERATIONS and new.get("spec") != old.get("spec"):
        new["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1


def complete(resource: Resource, obj: Object) -> None:
    """What is filled in on every write."""
    if resource in _COMPLETE:
        _COMPLETE[resource](obj)


def _with(obj: Object, finalizer: str) -> list[str]:
    given: list[str] = obj["metadata"].get("finalizers", [])
    return [*given, *([] if finalizer in given else [finalizer])]


def _pod(obj: Object) -> None:
    pod_spec(obj.setdefault("spec", {}))
    fill(obj["spec"], POD_ONLY)


def pod_spec(spec: Object) -> None:
    """Complete what a pod and the template of one have in common."""
    fill(spec, POD_SPEC)
    if "serviceAccountName" in spec or "serviceAccount" in spec:
        name = spec.get("serviceAccountName") or spec.get("serviceAccount")
        spec["serviceAccountName"] = spec["serviceAccount"] = name
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        _container(container, host=bool(spec.get("hostNetwork")))
    for volume in spec.get("volumes", []):
        _volume(volume)


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
    if limits:  # a limit is a request too, where none is made
        container["resources"]["requests"] = {
            **limits,
            **container["resources"].get("requests", {}),
        }


def pull_policy(image: str) -> str:
    """Always for an image that may be another tomorrow."""
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


def _volume(volume: Object) -> None:
    if volume.keys() <= {"name"}:
        volume["emptyDir"] = {}
    for source, table in VOLUME_SOURCES.items():
        if source in volume:
            fill(volume[source], table)
    projections = volume.get("projected", {}).get("sources", [])
    for part in [volume, *projections]:
        for item in part.get("downwardAPI", {}).get("items", []):
            _sources(item)
        if "serviceAccountToken" in part:
            part["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    template = volume.get("ephemeral", {}).get("volumeClaimTemplate")
    if template:
        template.setdefault("metadata", {})
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _admit(pod: Object) -> None:
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
    asked = [
        c.get("resources", {}) for c in spec.get("containers", []) + spec.get("initContainers", [])
    ]
    sides = [
        {name: value for name, value in side.get(which, {}).items() if name in ("cpu", "memory")}
        for side in asked
        for which in ("requests", "limits")
    ]
    if not any(sides):
        return "BestEffort"
    pairs = zip(sides[::2], sides[1::2], strict=True)
    full = all(len(limits) == 2 and requests == limits for requests, limits in pairs)
    return "Guaranteed" if full else "Burstable"


def _claim(obj: Object) -> None:
    obj.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _service(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    fill(spec, SERVICE)
    for port in spec.get("ports", []):
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _address(service: Object) -> None:
    """An address of the cluster; none of them can be reached here."""
    spec = service["spec"]
    if spec["type"] == "ExternalName":
        return
    if "clusterIP" not in spec:
        number = zlib.crc32(service["metadata"]["uid"].encode()) % (1 << 16)
        spec["clusterIP"] = f"10.96.{number >> 8}.{number & 255}"
    spec["clusterIPs"] = [spec["clusterIP"]]
    if spec["clusterIP"] == "None" and "selector" not in spec:
        fill(spec, (("ipFamilies", ["IPv4", "IPv6"]), ("ipFamilyPolicy", "RequireDualStack")))
    fill(spec, CLUSTER_SERVICE)


def _secret(obj: Object) -> None:
    obj.setdefault("type", "Opaque")
    plain = obj.pop("stringData", {})
    if plain:
        obj.setdefault("data", {})
    for key, value in plain.items():
        obj["data"][key] = base64.b64encode(value.encode()).decode()
    for value in obj.get("data", {}).values():
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            # the value itself is a secret, so it is not told
            why = 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data'
            raise StatusError(400, why) from None


def _endpoints(obj: Object) -> None:
    for subset in obj.get("subsets", []):
        for port in subset.get("ports", []):
            port.setdefault("protocol", "TCP")


def _policy(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
        for port in rule.get("ports", []):
            port.setdefault("protocol", "TCP")
    both = ["Ingress", "Egress"] if "egress" in spec else ["Ingress"]
    spec.setdefault("policyTypes", both)


def _deployment(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    rolling = {"maxUnavailable": "25%", "maxSurge": "25%"}
    spec.setdefault("replicas", 1)
    pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))
    spec.setdefault("strategy", {"type": "RollingUpdate", "rollingUpdate": rolling})
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _namespace(obj: Object) -> None:
    labels = obj["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _volume_object(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    fill(spec, VOLUME_SPEC)
    _volume(spec)


_COMPLETE: dict[Resource, Callable[[Object], None]] = {
    kinds.PODS: _pod,
    kinds.CLAIMS: _claim,
    kinds.VOLUMES: _volume_object,
    kinds.EVENTS: lambda obj: fill(obj, EVENT),
    kinds.SECRETS: _secret,
    kinds.SERVICES: _service,
    kinds.ENDPOINTS: _endpoints,
    kinds.NETWORK_POLICIES: _policy,
    kinds.DEPLOYMENTS: _deployment,
    kinds.NAMESPACES: _namespace,
    kinds.STORAGE_CLASSES: lambda obj: fill(obj, STORAGE_CLASS),
    kinds.PRIORITY_CLASSES: lambda obj: obj.setdefault("preemptionPolicy", "PreemptLowerPriority"),
}
_STATUS: dict[Resource, Callable[[], Object]] = {
    kinds.PODS: lambda: {"phase": "Pending"},
    kinds.CLAIMS: lambda: {"phase": "Pending"},
    kinds.VOLUMES: lambda: {"phase": "Pending"},
    kinds.NAMESPACES: lambda: {"phase": "Active"},
    kinds.SERVICES: lambda: {"loadBalancer": {}},
    kinds.INGRESSES: lambda: {"loadBalancer": {}},
    kinds.DEPLOYMENTS: dict,
}


__all__ = ["canonical", "complete", "fill", "on_create", "on_update", "pod_spec", "quality"]
