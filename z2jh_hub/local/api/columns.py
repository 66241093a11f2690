"""The columns of `kubectl get` for the kinds of object that local mode uses.

They are those of Kubernetes. Other kinds have the columns Name and Created At.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..objects import resources as kinds
from ..objects.resources import Resource
from .pod_table import POD_COLUMNS
from .shown import age, at, none, unset

Object = dict[str, Any]
# (name, priority, value at a Unix time); columns of priority 1 are shown with `-o wide` only.
Column = tuple[str, int, Callable[[Object, float], Any]]

ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _path(path: str, show: Callable[[Any], str] = none) -> Callable[[Object, float], Any]:
    return lambda obj, now: show(at(obj, path))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _modes(value: Any) -> str:
    return ",".join(ACCESS_MODES.get(mode, mode) for mode in value or [])


def _count(path: str) -> Callable[[Object, float], int]:
    return lambda obj, now: len(at(obj, path) or {})


def _age(path: str = "metadata.creationTimestamp") -> Callable[[Object, float], str]:
    return lambda obj, now: age(at(obj, path), now)


def _selector(obj: Object, now: float) -> str:
    selector = at(obj, "spec.selector.matchLabels") or at(obj, "spec.selector") or {}
    pairs = [f"{key}={value}" for key, value in sorted(selector.items())]
    return ",".join(pairs) or "<none>"


def _service_ports(obj: Object, now: float) -> str:
    ports = at(obj, "spec.ports") or []
    shown = (
        f"{port['port']}:{port['nodePort']}/{port.get('protocol', 'TCP')}"
        if port.get("nodePort")
        else f"{port['port']}/{port.get('protocol', 'TCP')}"
        for port in ports
    )
    return ",".join(shown) or "<none>"


def _external(obj: Object, now: float) -> str:
    if at(obj, "spec.type") == "ExternalName":
        return _plain(at(obj, "spec.externalName"))
    if at(obj, "spec.type") == "LoadBalancer":
        ingress = at(obj, "status.loadBalancer.ingress") or []
        return ",".join(i.get("ip") or i.get("hostname", "") for i in ingress) or "<pending>"
    return ",".join(at(obj, "spec.externalIPs") or []) or "<none>"


def _event_time(key: str) -> Callable[[Object, float], str]:
    def shown(obj: Object, now: float) -> str:
        last = at(obj, "series.lastObservedTime") if key == "lastTimestamp" else None
        return age(last or obj.get(key) or obj.get("eventTime"), now)

    return shown


def _involved(obj: Object, now: float) -> str:
    involved = obj.get("involvedObject") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


def _source(obj: Object, now: float) -> str:
    source = obj.get("source") or {}
    shown = [part for part in (source.get("component"), source.get("host")) if part]
    return ", ".join(shown) or _plain(obj.get("reportingComponent"))


def _claim(obj: Object, now: float) -> str:
    claim = at(obj, "spec.claimRef")
    return f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else ""


def _node_status(obj: Object, now: float) -> str:
    ready = [c for c in at(obj, "status.conditions") or [] if c.get("type") == "Ready"]
    shown = "Unknown" if not ready else "Ready" if ready[0].get("status") == "True" else "NotReady"
    return shown + (",SchedulingDisabled" if at(obj, "spec.unschedulable") else "")


def _roles(obj: Object, now: float) -> str:
    mark = "node-role.kubernetes.io/"
    roles = (key.removeprefix(mark) for key in obj["metadata"].get("labels") or {} if mark in key)
    return ",".join(sorted(roles)) or "<none>"


def _claim_status(obj: Object, now: float) -> str:
    if at(obj, "metadata.deletionTimestamp"):
        return "Terminating"
    return _plain(at(obj, "status.phase"))


NAME: Column = ("Name", 0, _path("metadata.name"))
AGE: Column = ("Age", 0, _age())
COLUMNS: dict[Resource, list[Column]] = {
    kinds.PODS: [NAME, *POD_COLUMNS],
    kinds.CLAIMS: [
        NAME,
        ("Status", 0, _claim_status),
        ("Volume", 0, _path("spec.volumeName", _plain)),
        ("Capacity", 0, _path("status.capacity.storage", _plain)),
        ("Access Modes", 0, _path("status.accessModes", _modes)),
        ("StorageClass", 0, _path("spec.storageClassName", _plain)),
        ("VolumeAttributesClass", 0, _path("spec.volumeAttributesClassName", unset)),
        AGE,
        ("VolumeMode", 1, _path("spec.volumeMode", _plain)),
    ],
    kinds.VOLUMES: [
        NAME,
        ("Capacity", 0, _path("spec.capacity.storage", _plain)),
        ("Access Modes", 0, _path("spec.accessModes", _modes)),
        ("Reclaim Policy", 0, _path("spec.persistentVolumeReclaimPolicy", _plain)),
        ("Status", 0, _claim_status),
        ("Claim", 0, _claim),
        ("StorageClass", 0, _path("spec.storageClassName", _plain)),
        ("VolumeAttributesClass", 0, _path("spec.volumeAttributesClassName", unset)),
        ("Reason", 0, _path("status.reason", _plain)),
        AGE,
        ("VolumeMode", 1, _path("spec.volumeMode", _plain)),
    ],
    kinds.EVENTS: [
        ("Last Seen", 0, _event_time("lastTimestamp")),
        ("Type", 0, _path("type", _plain)),
        ("Reason", 0, _path("reason", _plain)),
        ("Object", 0, _involved),
        ("Subobject", 1, _path("involvedObject.fieldPath", _plain)),
        ("Source", 1, _source),
        ("Message", 0, lambda obj, now: str(obj.get("message", "")).strip()),
        ("First Seen", 1, _event_time("firstTimestamp")),
        ("Count", 1, lambda obj, now: obj.get("count") or 1),
        ("Name", 1, _path("metadata.name")),
    ],
    kinds.SECRETS: [NAME, ("Type", 0, _path("type", _plain)), ("Data", 0, _count("data")), AGE],
    kinds.CONFIG_MAPS: [NAME, ("Data", 0, _count("data")), AGE],
    kinds.SERVICES: [
        NAME,
        ("Type", 0, _path("spec.type", _plain)),
        ("Cluster-IP", 0, _path("spec.clusterIP")),
        ("External-IP", 0, _external),
        ("Port(s)", 0, _service_ports),
        AGE,
        ("Selector", 1, _selector),
    ],
    kinds.NODES: [
        NAME,
        ("Status", 0, _node_status),
        ("Roles", 0, _roles),
        AGE,
        ("Version", 0, _path("status.nodeInfo.kubeletVersion", _plain)),
    ],
    kinds.NAMESPACES: [NAME, ("Status", 0, _path("status.phase", _plain)), AGE],
}
CREATED: Column = ("Created At", 0, _path("metadata.creationTimestamp"))
