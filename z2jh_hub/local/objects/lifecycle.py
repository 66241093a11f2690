"""How objects end: grace, finalizers, dependents, namespaces, claims in use.

The API server does a part of this, controllers the rest; here it is one place, done at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .resources import CLAIMS, NAMESPACES, PODS, STORED, Resource
from .status import Cause, conflict, forbidden, invalid_option, not_found, unsupported
from .versions import Scope, Version

if TYPE_CHECKING:
    from .store import Store

Object = dict[str, Any]

CLAIM_IN_USE = "kubernetes.io/pvc-protection"
PROPAGATIONS = ("Foreground", "Background", "Orphan")
DEFAULT_GRACE = 30
# What only the API itself sets.
_OURS = (
    "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
    "generation", "resourceVersion",
)  # fmt: skip


def check_namespace(store: Store, resource: Resource, namespace: str, name: str) -> None:
    """StatusError 404 or 403 when nothing can be created in the namespace."""
    held = store.find(NAMESPACES, None, namespace)
    if held is None:
        raise not_found(NAMESPACES, namespace)
    if "deletionTimestamp" in held.obj["metadata"]:
        why = f"namespace {namespace} is being terminated"
        cause = Cause("metadata.namespace", "NamespaceTerminating", why)
        why = f"unable to create new content in namespace {namespace} because it"
        raise forbidden(resource, name, f"{why} is being terminated", [cause])


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
    kept = old["metadata"]
    if subresource == "status":
        metadata["ownerReferences"] = kept.get("ownerReferences")
        new = {**old, "metadata": metadata, "status": new.get("status", {})}
    elif "status" in resource.subresources:
        new["status"] = old.get("status", {})
    for key in ("name", "namespace", *_OURS):
        metadata[key] = kept.get(key)
    metadata.setdefault("managedFields", kept.get("managedFields"))
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


def grace_period(resource: Resource, obj: Object, asked: int | None) -> int:
    """How many seconds the kubelet has to stop a pod; 0 for all else."""
    if resource is not PODS:
        return 0
    status = obj.get("status", {})
    taken_up = obj["spec"].get("nodeName") or status.keys() & {"startTime", "containerStatuses"}
    if not taken_up or status.get("phase") in ("Succeeded", "Failed"):
        return 0
    grace = obj["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE)
    grace = grace if asked is None else max(asked, 0)
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


def end_namespace(store: Store, old: Version) -> Object:
    """Mark a namespace, delete what is in it, and take it out once it is empty."""
    name = old.obj["metadata"]["name"]
    if "deletionTimestamp" not in old.obj["metadata"]:

        def terminate(namespace: Object) -> None:
            namespace["metadata"]["deletionTimestamp"] = store.now()
            namespace.setdefault("status", {})["phase"] = "Terminating"

        store.modify(NAMESPACES, None, name, terminate)
    marked = store.get(NAMESPACES, None, name)
    for resource in STORED:
        if resource.namespaced:
            for version in store.versions(resource, Scope(name)):
                _delete_if_there(store, resource, name, version.obj["metadata"]["name"])
    _finish_namespace(store, name)
    return marked


def _finish_namespace(store: Store, name: str) -> None:
    held = store.find(NAMESPACES, None, name)
    if held is None or "deletionTimestamp" not in held.obj["metadata"] or not store.is_empty(name):
        return
    store.modify(NAMESPACES, None, name, lambda namespace: namespace["spec"].pop("finalizers", 0))


def after_removal(store: Store, resource: Resource, obj: Object, *, orphan: bool) -> None:
    """What follows from an object's end: dependents go, a namespace may be empty now."""
    uid = obj["metadata"]["uid"]
    for kind, namespace, name in store.owners.orphans_of(uid):
        if orphan:
            store.modify(kind, namespace, name, lambda dependent: _disown(dependent, uid))
        elif (held := store.find(kind, namespace, name)) and not store.owners.any_left(held.obj):
            _delete_if_there(store, kind, namespace, name)
    if resource is PODS:
        release_claims(store, resource, obj)
    if namespace := obj["metadata"].get("namespace"):
        _finish_namespace(store, namespace)


def _disown(dependent: Object, uid: str) -> None:
    metadata = dependent["metadata"]
    left = [owner for owner in metadata.get("ownerReferences", []) if owner["uid"] != uid]
    metadata["ownerReferences"] = left
    if not left:
        del metadata["ownerReferences"]


def _delete_if_there(store: Store, resource: Resource, namespace: str | None, name: str) -> None:
    if store.find(resource, namespace, name):
        store.delete(resource, namespace, name)


def release_claims(store: Store, resource: Resource, obj: Object) -> None:
    """Let marked claims go that no pod uses any more (`obj` is a claim, or a pod that has gone)."""
    namespace = obj["metadata"].get("namespace")
    names = {obj["metadata"]["name"]} if resource is CLAIMS else claims_of(obj)
    if resource not in (CLAIMS, PODS):
        return
    for name in names:
        held = store.find(CLAIMS, namespace, name)
        if held is None or "deletionTimestamp" not in held.obj["metadata"]:
            continue
        pods, _ = store.list(PODS, namespace)
        if not any(name in claims_of(pod) for pod in pods if not _has_ended(pod)):
            store.modify(CLAIMS, namespace, name, _unprotect)


def _has_ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _unprotect(claim: Object) -> None:
    left = [word for word in claim["metadata"].get("finalizers", []) if word != CLAIM_IN_USE]
    claim["metadata"]["finalizers"] = left


def claims_of(pod: Object) -> set[str]:
    """The names of the claims that a pod mounts."""
    volumes = pod.get("spec", {}).get("volumes") or []
    sources = (volume.get("persistentVolumeClaim") for volume in volumes)
    return {source["claimName"] for source in sources if source}
