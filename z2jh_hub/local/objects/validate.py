"""What the API server refuses, as far as users meet it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...config.quantities import quantity
from . import names
from . import resources as kinds
from .pod_rules import pod, pod_update
from .resources import Resource
from .status import Cause, duplicate, forbidden_field, invalid, required, unsupported, wrong

Object = dict[str, Any]
Causes = Iterator[Cause]

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
_PORT = "must be between 1 and 65535, inclusive"
SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
NAME_RULES: dict[Resource, names.Rule] = {
    kinds.NAMESPACES: names.LABEL,
    kinds.SERVICES: names.SERVICE,
    kinds.ROLES: names.PATH,
    kinds.ROLE_BINDINGS: names.PATH,
    kinds.CLUSTER_ROLES: names.PATH,
    kinds.CLUSTER_ROLE_BINDINGS: names.PATH,
}


def on_create(resource: Resource, obj: Object) -> None:
    """Raise StatusError 422 with all that is wrong with a new object."""
    _refuse(resource, obj, [*_metadata(resource, obj), *_rules(resource, obj)])


def on_update(resource: Resource, new: Object, old: Object) -> None:
    """Raise StatusError 422 with all that is wrong with a changed object, or may not change."""
    frozen = _FROZEN[resource](new, old) if resource in _FROZEN else ()
    _refuse(resource, new, [*_labels(new), *_rules(resource, new), *frozen])


def deletion_time(resource: Resource, metadata: Object, old: Object) -> None:
    """Raise StatusError 422 where a client says that an object is being deleted."""
    value, key = metadata.get("deletionTimestamp"), "deletionTimestamp"
    if value not in (None, old["metadata"].get(key)):
        cause = wrong(f"metadata.{key}", value, "field is immutable")
        raise invalid(resource, old["metadata"]["name"], [cause])


def _refuse(resource: Resource, obj: Object, causes: list[Cause]) -> None:
    if causes:
        raise invalid(resource, obj["metadata"].get("name", ""), causes)


def _rules(resource: Resource, obj: Object) -> Causes:
    if resource in _RULES:
        yield from _RULES[resource](obj)


def _metadata(resource: Resource, obj: Object) -> Causes:
    name = obj["metadata"].get("name")
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif broken := NAME_RULES.get(resource, names.SUBDOMAIN).broken_by(name):
        yield wrong("metadata.name", name, broken)
    yield from _labels(obj)


def _labels(obj: Object) -> Causes:
    metadata = obj["metadata"]
    for key, value in metadata.get("labels", {}).items():
        if broken := names.label_key(key):
            yield wrong("metadata.labels", key, broken)
        if broken := names.LABEL_VALUE.broken_by(value):
            yield wrong("metadata.labels", value, broken)
    for key in metadata.get("annotations", {}):
        if broken := names.label_key(key.lower()):
            yield wrong("metadata.annotations", key, broken)
    for index, owner in enumerate(metadata.get("ownerReferences", [])):
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                yield wrong(f"metadata.ownerReferences[{index}].{key}", "", "must not be empty")


def _claim(obj: Object) -> Causes:
    spec = obj.get("spec", {})
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in spec.get("accessModes", []):
        if mode not in ACCESS_MODES:
            yield unsupported("spec.accessModes", mode, ACCESS_MODES)
    size = spec.get("resources", {}).get("requests", {}).get("storage")
    if size is None:
        yield required("spec.resources[storage]")
    elif quantity(size) <= 0:
        yield wrong("spec.resources[storage]", size, "must be greater than zero")
    if (mode := spec.get("volumeMode")) not in (None, *VOLUME_MODES):
        yield unsupported("spec.volumeMode", mode, VOLUME_MODES)


_RESIZE = (
    "spec is immutable after creation except resources.requests and "
    "volumeAttributesClassName for bound claims"
)


def _claim_update(new: Object, old: Object) -> Causes:
    def fixed(claim: Object) -> Object:
        spec = {k: v for k, v in claim["spec"].items() if k != "volumeAttributesClassName"}
        if not old["spec"].get("volumeName"):
            spec.pop("volumeName", None)
        if old["status"].get("phase") == "Bound":
            spec.pop("resources", None)
        return spec

    if fixed(new) != fixed(old):
        yield forbidden_field("spec", _RESIZE)
    size, was = (
        claim["spec"].get("resources", {}).get("requests", {}).get("storage", "0")
        for claim in (new, old)
    )
    if quantity(size) < quantity(was):
        shrunk = "field can not be less than status.capacity"
        yield forbidden_field("spec.resources.requests.storage", shrunk)


def _service(obj: Object) -> Causes:
    spec = obj.get("spec", {})
    if spec.get("type") not in SERVICE_TYPES:
        yield unsupported("spec.type", spec.get("type"), SERVICE_TYPES)
    if spec.get("type") == "ExternalName":
        if not spec.get("externalName"):
            yield required("spec.externalName")
    elif not spec.get("ports") and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    used: set[tuple[Any, Any]] = set()
    for index, port in enumerate(spec.get("ports", [])):
        field = f"spec.ports[{index}]"
        if len(spec["ports"]) > 1 and not port.get("name"):
            yield required(f"{field}.name")
        number = port.get("port") or 0
        if not 0 < number < 65536:
            yield wrong(f"{field}.port", number, _PORT)
        target = port.get("targetPort")
        if isinstance(target, int) and not 0 < target < 65536:
            yield wrong(f"{field}.targetPort", target, _PORT)
        if (number, port.get("protocol")) in used:
            yield duplicate(field, f"{number}/{port.get('protocol')}")
        used.add((number, port.get("protocol")))


def _service_update(new: Object, old: Object) -> Causes:
    was, now = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    if was and now and was != now:
        yield wrong("spec.clusterIPs[0]", now, "may not change once set")


def _keys(obj: Object) -> Causes:
    for part in ("data", "binaryData"):
        for key in obj.get(part, {}):
            if broken := names.KEY.broken_by(key):
                yield wrong(f"{part}[{key}]", key, broken)


def _data_update(new: Object, old: Object) -> Causes:
    if old.get("type") != new.get("type"):
        yield wrong("type", new.get("type"), "field is immutable")
    if old.get("immutable"):
        if not new.get("immutable"):
            yield forbidden_field("immutable", "field is immutable when `immutable` is set")
        for part in ("data", "binaryData"):
            if old.get(part) != new.get(part):
                yield forbidden_field(part, "field is immutable when `immutable` is set")


def _event(obj: Object) -> Causes:
    involved = obj.get("involvedObject", {}).get("namespace", "")
    namespace = obj["metadata"].get("namespace", "")
    if involved != namespace and not (involved == "" and namespace == "default"):
        yield wrong("involvedObject.namespace", involved, "does not match event.namespace")


def _ingress(obj: Object) -> Causes:
    spec = obj.get("spec", {})
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield wrong("spec", [], "either `defaultBackend` or `rules` must be specified")
    for index, rule in enumerate(spec.get("rules", [])):
        for number, path in enumerate(rule.get("http", {}).get("paths", [])):
            if "pathType" not in path:
                yield required(
                    f"spec.rules[{index}].http.paths[{number}].pathType",
                    "pathType must be specified",
                )


def _volume(obj: Object) -> Causes:
    spec = obj.get("spec", {})
    if not spec.get("accessModes"):
        yield required("spec.accessModes")
    if "storage" not in spec.get("capacity", {}):
        yield required("spec.capacity")


_RULES: dict[Resource, Callable[[Object], Causes]] = {
    kinds.PODS: pod,
    kinds.CLAIMS: _claim,
    kinds.VOLUMES: _volume,
    kinds.SERVICES: _service,
    kinds.SECRETS: _keys,
    kinds.CONFIG_MAPS: _keys,
    kinds.EVENTS: _event,
    kinds.INGRESSES: _ingress,
}
_FROZEN: dict[Resource, Callable[[Object, Object], Causes]] = {
    kinds.PODS: pod_update,
    kinds.CLAIMS: _claim_update,
    kinds.SERVICES: _service_update,
    kinds.SECRETS: _data_update,
    kinds.CONFIG_MAPS: _data_update,
}
