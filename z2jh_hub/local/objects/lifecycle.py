"""The rules by which one object is replaced, marked for deletion and removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .resources import NAMESPACES, PODS, Resource
from .status import conflict, invalid_option, unsupported

Object = dict[str, Any]

PROPAGATIONS = ("Foreground", "Background", "Orphan")
DEFAULT_GRACE = 30
# What only the API itself sets.
_OURS = (
    "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
    "generation", "resourceVersion",
)  # fmt: skip


def check_preconditions(resource: Resource, obj: Object, preconditions: Object) -> None:
    """StatusError 409 when the object is not the one that was meant."""
    metadata = obj["metadata"]
    for key, word, meaning in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        wanted = preconditions.get(key)
        if wanted is not None and wanted != metadata[key]:
            why = f"the {word} in the precondition ({wanted}) does not match the {word} in record "
            why += f"({metadata[key]}). The object might have been {meaning}"
            raise conflict(resource, metadata["name"], why, kind=resource.kind)


def check_propagation(policy: str) -> None:
    """StatusError 422 for a propagation policy there is not."""
    if policy not in PROPAGATIONS:
        cause = unsupported("propagationPolicy", policy, (*PROPAGATIONS, "nil"))
        raise invalid_option("DeleteOptions", cause)


def merge_update(resource: Resource, new: Object, old: Object, subresource: str | None) -> Object:
    """What a PUT makes of an object: not everything in it is the client's to say.

    `new` is changed and returned. A status update leaves the spec, any other leaves the status.
    """
    typed: Object = {"kind": resource.kind, "apiVersion": resource.api_version}
    new = typed | new
    metadata: Object = new.setdefault("metadata", {})
    old_metadata = old["metadata"]
    if subresource == "status":
        metadata["ownerReferences"] = old_metadata.get("ownerReferences")
        new = {**old, "metadata": metadata, "status": new.get("status", {})}
    elif "status" in resource.subresources:
        new["status"] = old.get("status", {})
    for key in ("name", "namespace", *_OURS):
        metadata[key] = old_metadata.get(key)
    metadata.setdefault("managedFields", old_metadata.get("managedFields"))
    for key in [key for key, value in metadata.items() if value in (None, [], {})]:
        del metadata[key]
    new["metadata"] = metadata
    return {key: value for key, value in new.items() if value is not None}


def is_done(obj: Object) -> bool:
    """Whether an object marked for deletion has nothing left to wait for."""
    metadata = obj["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if obj["kind"] == NAMESPACES.kind:
        return not obj.get("spec", {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")


def grace_period(resource: Resource, obj: Object, requested: int | None) -> int:
    """Return the seconds that the kubelet has to stop a pod; 0 for other resources."""
    if resource is not PODS:
        return 0
    status = obj.get("status", {})
    taken_up = obj["spec"].get("nodeName") or status.keys() & {"startTime", "containerStatuses"}
    if not taken_up or status.get("phase") in ("Succeeded", "Failed"):
        return 0
    grace = obj["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE)
    grace = grace if requested is None else max(requested, 0)
    left = obj["metadata"].get("deletionGracePeriodSeconds")
    return int(grace if left is None else min(grace, left))  # a later delete can only hasten


def mark(resource: Resource, obj: Object, grace: int, now: datetime) -> Object:
    """The object, marked for deletion."""
    metadata = obj["metadata"]
    if "deletionTimestamp" in metadata and metadata.get("deletionGracePeriodSeconds", 0) <= grace:
        return obj
    when = (now + timedelta(seconds=grace)).strftime("%Y-%m-%dT%H:%M:%SZ")
    marks: Object = {"deletionTimestamp": when, "deletionGracePeriodSeconds": grace}
    if "deletionTimestamp" not in metadata and "generation" in metadata:
        marks["generation"] = metadata["generation"] + 1
    return {**obj, "metadata": {**metadata, **marks}}


def claims_of(pod: Object) -> set[str]:
    """The names of the claims that a pod mounts."""
    volumes = pod.get("spec", {}).get("volumes") or []
    sources = (volume.get("persistentVolumeClaim") for volume in volumes)
    return {source["claimName"] for source in sources if source}
