"""What the API server fills in when an object is created or changed.

Each table says, for one type, which field gets which value where it is not given.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable

from . import pod_defaults
from . import resources as kinds
from .pod_defaults import Object, Table, fill
from .resources import Resource
from .status import StatusError

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
# Kinds whose `metadata.generation` counts the changes of their spec.
GENERATIONS = frozenset(
    {kinds.PODS, kinds.DEPLOYMENTS, kinds.STATEFUL_SETS, kinds.DAEMON_SETS, kinds.JOBS,
     kinds.CRON_JOBS, kinds.INGRESSES, kinds.INGRESS_CLASSES, kinds.NETWORK_POLICIES,
     kinds.PRIORITY_CLASSES, kinds.DISRUPTION_BUDGETS, kinds.ENDPOINT_SLICES}
)  # fmt: skip


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
        pod_defaults.admit(obj)
        obj["status"]["qosClass"] = pod_defaults.quality(obj)
    if resource is kinds.SERVICES:
        _address(obj)


def on_update(resource: Resource, new: Object, old: Object) -> None:
    """Complete a changed object, in place."""
    complete(resource, new)
    if resource is kinds.PODS:
        pod_defaults.admit(new)
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
    finalizers: list[str] = obj["metadata"].get("finalizers", [])
    return [*finalizers, *([] if finalizer in finalizers else [finalizer])]


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
            # the value itself is a secret, so the message omits it
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
    pod_defaults.pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))
    spec.setdefault("strategy", {"type": "RollingUpdate", "rollingUpdate": rolling})
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _namespace(obj: Object) -> None:
    labels = obj["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _volume_object(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    fill(spec, VOLUME_SPEC)
    pod_defaults.volume(spec)


_COMPLETE: dict[Resource, Callable[[Object], None]] = {
    kinds.PODS: pod_defaults.whole,
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
