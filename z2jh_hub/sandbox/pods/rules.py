"""What Kubernetes requires of a pod or a claim beyond the types of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...config.quantities import parse
from . import names
from .schema import Mistake, Path

_PORTS = range(1, 65536)


def broken(manifest: dict[str, Any]) -> Iterator[Mistake]:
    """Yield the rules that a manifest breaks. Its types must be right: see `schema.without`."""
    spec = manifest.get("spec") or {}
    metadata = manifest.get("metadata") or {}
    yield from names.of_labels(metadata.get("labels") or {}, ("metadata", "labels"))
    annotations = metadata.get("annotations") or {}
    yield from names.of_keys(annotations, ("metadata", "annotations"), names.ANNOTATION)
    yield from names.of_labels(spec.get("nodeSelector") or {}, ("spec", "nodeSelector"))
    if manifest["kind"] == "PersistentVolumeClaim":
        size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        amount = parse(size)
        if amount is not None and amount <= 0:
            at = ("spec", "resources", "requests", "storage")
            yield _rule(at, size, "the capacity of a claim must be greater than 0")
        if not spec.get("accessModes"):
            yield _rule(("spec", "accessModes"), None, "a claim needs an access mode")
        return
    yield from _volumes(spec)
    yield from of_tolerations(spec.get("tolerations") or (), ("spec", "tolerations"))
    defined = {volume.get("name") for volume in spec.get("volumes") or ()}
    used: list[Any] = []
    for part in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(part) or ()):
            path = ("spec", part, str(index))
            used.append(container.get("name"))
            if used.count(used[-1]) > 1:
                yield _rule((*path, "name"), used[-1], f"two containers are named {used[-1]}")
            yield from of_container(container, path)
            yield from _mounts(container, path, defined)
            yield from _resources(container, path)


def _rule(path: Path, value: Any, message: str, expected: str = "") -> Mistake:
    return Mistake(path, value, "rule", message, expected)


def _repeated(items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    known = set()
    for index, item in enumerate(items):
        if item in known:
            yield index, item
        known.add(item)


def _volumes(spec: dict[str, Any]) -> Iterator[Mistake]:
    volumes = spec.get("volumes") or []
    for index, volume in enumerate(volumes):
        path, name = ("spec", "volumes", str(index)), volume.get("name") or ""
        if not names.is_dns_label(name):
            yield _rule((*path, "name"), name, f"{name} is not a valid name of a volume",
                        names.LABEL_WORDS)  # fmt: skip
        sources = [key for key, value in volume.items() if key != "name" and value is not None]
        if len(sources) > 1:
            message = f"the volume {name} has more than one source: {', '.join(sources)}"
            yield _rule((*path, sources[1]), volume[sources[1]], message)
    for index, name in _repeated(volume.get("name") for volume in volumes):
        yield _rule(("spec", "volumes", str(index), "name"), name, f"two volumes are named {name}")


def of_tolerations(tolerations: Iterable[dict[str, Any]], above: Path) -> Iterator[Mistake]:
    """Yield the rules that tolerations at the path `above` break. Their types must be right."""
    for index, toleration in enumerate(tolerations):
        path, operator = (*above, str(index)), toleration.get("operator")
        key, value = toleration.get("key"), toleration.get("value")
        if key and not names.is_label_key(key):
            yield _rule((*path, "key"), key, f"{key} is not a valid key of a taint")
        if value and not names.is_label_value(value):
            yield _rule((*path, "value"), value, f"{value} is not a valid value of a taint")
        seconds = toleration.get("tolerationSeconds")
        if seconds is not None and toleration.get("effect") != "NoExecute":
            yield _rule((*path, "tolerationSeconds"), seconds,
                        "tolerationSeconds needs the effect NoExecute")  # fmt: skip
        if operator == "Exists" and value:
            yield _rule((*path, "value"), value,
                        "a toleration with the operator Exists has no value")  # fmt: skip
        if not key and operator != "Exists":
            yield _rule((*path, "operator"), operator,
                        "a toleration without a key needs the operator Exists")  # fmt: skip


def of_container(container: dict[str, Any], path: Path) -> Iterator[Mistake]:
    """Yield the rules that the image, ports and variables of a container break."""
    if not container.get("image"):
        yield _rule((*path, "image"), None, "the container has no image")
    yield from of_ports(container.get("ports") or (), (*path, "ports"))
    for index, variable in enumerate(container.get("env") or ()):
        name = variable.get("name") or ""
        yield from names.of_variable(name, (*path, "env", str(index), "name"))
        if variable.get("value") and variable.get("valueFrom"):
            yield _rule((*path, "env", str(index), "valueFrom"), variable["valueFrom"],
                        f"{name} has both a value and valueFrom")  # fmt: skip


def of_ports(ports: Iterable[dict[str, Any]], above: Path) -> Iterator[Mistake]:
    """Yield the rules that the ports of a container break."""
    ports = list(ports)
    for index, port in enumerate(ports):
        for field in ("containerPort", "hostPort"):
            number = port.get(field)
            if number not in _PORTS and (field in port or field == "containerPort"):
                yield _rule((*above, str(index), field), number, f"{number} is not a port",
                            "a number from 1 to 65535")  # fmt: skip
        name = port.get("name")
        if name is not None and not names.is_port_name(name):
            yield _rule((*above, str(index), "name"), name, f"{name} is not a valid name of a port",
                        names.PORT_WORDS)  # fmt: skip
    for index, name in _repeated(port.get("name") for port in ports):
        if name:
            yield _rule((*above, str(index), "name"), name, f"two ports are named {name}")


def is_extended(resource: str) -> bool:
    """Return whether a resource is one of a device plugin, such as nvidia.com/gpu."""
    domain = resource.rpartition("/")[0]
    return bool(domain) and not domain.endswith("kubernetes.io")


def _resources(container: dict[str, Any], path: Path) -> Iterator[Mistake]:
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        request, limit = parse(amount), parse(limits.get(name))
        if is_extended(name) and request != limit:
            message = f"{name} cannot be shared, so its limit must equal its request, {amount}"
            yield _rule((*path, "resources", "requests", name), amount, message,
                        f"a limit of {amount}")  # fmt: skip
            continue
        if request is not None and limit is not None and request > limit:
            message = f"the request of {name}, {amount}, exceeds the limit of {limits[name]}"
            yield _rule((*path, "resources", "requests", name), amount, message)


def _mounts(container: dict[str, Any], path: Path, defined: set[Any]) -> Iterator[Mistake]:
    mounts = container.get("volumeMounts") or []
    for index, mount in enumerate(mounts):
        at, name = (*path, "volumeMounts", str(index)), mount.get("name")
        if name not in defined:
            yield _rule((*at, "name"), name, f"the volume {name} is not defined")
    for index, where in _repeated(mount.get("mountPath") for mount in mounts):
        at = (*path, "volumeMounts", str(index), "mountPath")
        yield _rule(at, where, f"two volumes are mounted at {where}")
