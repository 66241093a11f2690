"""What a pod must have, and what of it must not change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.quantities import quantity
from . import names
from .status import Cause, duplicate, forbidden_field, missing_object, required, unsupported, wrong

Object = dict[str, Any]
Causes = Iterator[Cause]

# Field of a pod's spec → what it may be.
CHOICES = {
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
}
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
# The keys a volume's source needs.
NEEDED = {
    "persistentVolumeClaim": "claimName",
    "secret": "secretName",
    "configMap": "name",
    "hostPath": "path",
}
# What of a running pod's spec may change.
CHANGEABLE = ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations")
_FROZEN = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod(obj: Object) -> Causes:
    """What is wrong with a pod."""
    spec = obj.get("spec", {})
    yield from _volumes(spec)
    volumes = {volume.get("name") for volume in spec.get("volumes", [])}
    if not spec.get("containers"):
        yield required("spec.containers")
    used: set[str] = set()
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind, [])):
            field = f"spec.{kind}[{index}]"
            yield from _container(container, field, volumes)
            name = container.get("name", "")
            if name in used:
                yield duplicate(f"{field}.name", name)
            used.add(name)
    for key, known in CHOICES.items():
        if (value := spec.get(key)) not in (None, *known):
            yield unsupported(f"spec.{key}", value, known)
    for index, condition in enumerate(obj.get("status", {}).get("conditions", [])):
        kind = condition.get("type", "")
        if broken := names.label_key(kind):
            yield wrong(f"status.conditions[{index}].Type", kind, broken)
    grace = spec.get("terminationGracePeriodSeconds", 0)
    if grace < 0:
        field = "spec.terminationGracePeriodSeconds"
        yield wrong(field, grace, "must be greater than or equal to 0")


def _volumes(spec: Object) -> Causes:
    used: set[str] = set()
    for index, volume in enumerate(spec.get("volumes", [])):
        field, name = f"spec.volumes[{index}]", volume.get("name", "")
        if not name:
            yield required(f"{field}.name")
        elif broken := names.LABEL.broken_by(name):
            yield wrong(f"{field}.name", name, broken)
        if name in used:
            yield duplicate(f"{field}.name", name)
        used.add(name)
        sources = [key for key in volume if key != "name"]
        for extra in sources[1:]:
            yield forbidden_field(f"{field}.{extra}", "may not specify more than 1 volume type")
        for source in sources[:1]:
            needed = NEEDED.get(source)
            if needed and not volume[source].get(needed):
                yield required(f"{field}.{source}.{needed}")


def _container(container: Object, field: str, volumes: set[Any]) -> Causes:
    name = container.get("name", "")
    if not name:
        yield required(f"{field}.name")
    elif broken := names.LABEL.broken_by(name):
        yield wrong(f"{field}.name", name, broken)
    if not container.get("image"):
        yield required(f"{field}.image")
    for index, port in enumerate(container.get("ports", [])):
        number = port.get("containerPort")
        if not number:
            yield required(f"{field}.ports[{index}].containerPort")
        elif not 0 < number < 65536:
            at = f"{field}.ports[{index}].containerPort"
            yield wrong(at, number, "must be between 1 and 65535, inclusive")
    for index, variable in enumerate(container.get("env", [])):
        yield from _variable(variable, f"{field}.env[{index}]")
    yield from _mounts(container, field, volumes)
    if (policy := container.get("imagePullPolicy")) not in (None, *PULL_POLICIES):
        yield unsupported(f"{field}.imagePullPolicy", policy, PULL_POLICIES)
    yield from _resources(container.get("resources", {}), f"{field}.resources")


def _variable(variable: Object, field: str) -> Causes:
    name = variable.get("name", "")
    if not name:
        yield required(f"{field}.name")
    elif broken := names.VARIABLE.broken_by(name):
        yield wrong(f"{field}.name", name, broken)
    if variable.get("value") and variable.get("valueFrom"):
        yield wrong(f"{field}.valueFrom", "", "may not be specified when `value` is not empty")


def _mounts(container: Object, field: str, volumes: set[Any]) -> Causes:
    used: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts", [])):
        at, path = f"{field}.volumeMounts[{index}]", mount.get("mountPath", "")
        if not mount.get("name"):
            yield required(f"{at}.name")
        elif mount["name"] not in volumes:
            yield missing_object(f"{at}.name", mount["name"])
        if not path:
            yield required(f"{at}.mountPath")
        if path in used:
            yield wrong(f"{at}.mountPath", path, "must be unique")
        used.add(path)


def _resources(resources: Object, field: str) -> Causes:
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for key, value in requests.items():
        limit = limits.get(key)
        if limit is not None and quantity(value) > quantity(limit):
            why = f"must be less than or equal to {key} limit of {limit}"
            yield wrong(f"{field}.requests", value, why)


def pod_update(new: Object, old: Object) -> Causes:
    """What a change of a pod changes that must stay."""
    for kind in ("containers", "initContainers"):
        counts = [len(pod.get("spec", {}).get(kind, [])) for pod in (new, old)]
        if counts[0] != counts[1]:
            yield forbidden_field(f"spec.{kind}", "pod updates may not add or remove containers")
            return
    if _fixed(new) != _fixed(old):
        yield forbidden_field("spec", _FROZEN)
    tolerations = old["spec"].get("tolerations", [])
    if any(toleration not in new["spec"].get("tolerations", []) for toleration in tolerations):
        only = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden_field("spec.tolerations", only)


def _fixed(pod: Object) -> Object:
    spec = {key: value for key, value in pod["spec"].items() if key not in CHANGEABLE}
    for kind in ("containers", "initContainers"):
        containers = spec.get(kind, [])
        spec[kind] = [{k: v for k, v in c.items() if k != "image"} for c in containers]
    return spec
