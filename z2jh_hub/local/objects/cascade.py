"""What the end of one object does to others: dependents, namespaces, claims in use.

The API server does part of this and controllers the rest, some time later. Here each function
yields the steps, and the store carries out each step before it asks for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .lifecycle import claims_of
from .resources import CLAIMS, NAMESPACES, PODS, STORED, Resource
from .shelves import Shelves
from .status import Cause, forbidden, not_found
from .versions import Scope

Object = dict[str, Any]

CLAIM_IN_USE = "kubernetes.io/pvc-protection"


@dataclass(frozen=True)
class Step:
    """Change the named object with `change`, or delete it if there is no change."""

    resource: Resource
    namespace: str | None
    name: str
    change: Callable[[Object], object] | None = None


Steps = Iterator[Step]


def check_namespace(shelves: Shelves, resource: Resource, namespace: str, name: str) -> None:
    """Raise StatusError 404 or 403 if nothing can be created in the namespace."""
    existing = shelves.find(NAMESPACES, None, namespace)
    if existing is None:
        raise not_found(NAMESPACES, namespace)
    if "deletionTimestamp" in existing.obj["metadata"]:
        why = f"namespace {namespace} is being terminated"
        cause = Cause("metadata.namespace", "NamespaceTerminating", why)
        why = f"unable to create new content in namespace {namespace} because it"
        raise forbidden(resource, name, f"{why} is being terminated", [cause])


def terminate_namespace(shelves: Shelves, name: str, now: str) -> Steps:
    """Mark a namespace as terminating, unless it is already."""

    def terminate(namespace: Object) -> None:
        namespace["metadata"]["deletionTimestamp"] = now
        namespace.setdefault("status", {})["phase"] = "Terminating"

    if "deletionTimestamp" not in shelves.get(NAMESPACES, None, name)["metadata"]:
        yield Step(NAMESPACES, None, name, terminate)


def empty_namespace(shelves: Shelves, name: str) -> Steps:
    """Delete everything in a namespace, and release the namespace once it is empty."""
    for resource in STORED:
        if resource.namespaced:
            for version in shelves.versions(resource, Scope(name)):
                yield from _deletion(shelves, resource, name, version.obj["metadata"]["name"])
    yield from _release_namespace(shelves, name)


def _release_namespace(shelves: Shelves, name: str) -> Steps:
    existing = shelves.find(NAMESPACES, None, name)
    if existing is None or "deletionTimestamp" not in existing.obj["metadata"]:
        return
    if shelves.is_empty(name):
        yield Step(NAMESPACES, None, name, lambda obj: obj["spec"].pop("finalizers", None))


def after_removal(shelves: Shelves, resource: Resource, obj: Object, *, orphan: bool) -> Steps:
    """Delete or disown the dependents of a removed object, and release what it was using."""
    uid = obj["metadata"]["uid"]
    for kind, namespace, name in shelves.owners.orphans_of(uid):
        if orphan:
            yield Step(kind, namespace, name, lambda dependent: _disown(dependent, uid))
        elif not _has_owner(shelves, kind, namespace, name):
            yield from _deletion(shelves, kind, namespace, name)
    if resource is PODS:
        yield from release_claims(shelves, resource, obj)
    if namespace := obj["metadata"].get("namespace"):
        yield from _release_namespace(shelves, namespace)


def _has_owner(shelves: Shelves, kind: Resource, namespace: str | None, name: str) -> bool:
    dependent = shelves.find(kind, namespace, name)
    return dependent is not None and shelves.owners.any_left(dependent.obj)


def _disown(dependent: Object, uid: str) -> None:
    metadata = dependent["metadata"]
    owners = [owner for owner in metadata.get("ownerReferences", []) if owner["uid"] != uid]
    metadata["ownerReferences"] = owners
    if not owners:
        del metadata["ownerReferences"]


def _deletion(shelves: Shelves, resource: Resource, namespace: str | None, name: str) -> Steps:
    if shelves.find(resource, namespace, name):
        yield Step(resource, namespace, name)


def release_claims(shelves: Shelves, resource: Resource, obj: Object) -> Steps:
    """Release claims that are marked for deletion and no longer used by a pod.

    `obj` is the claim, or the pod that was removed.
    """
    namespace = obj["metadata"].get("namespace")
    names = {obj["metadata"]["name"]} if resource is CLAIMS else claims_of(obj)
    if resource not in (CLAIMS, PODS):
        return
    for name in names:
        claim = shelves.find(CLAIMS, namespace, name)
        if claim is None or "deletionTimestamp" not in claim.obj["metadata"]:
            continue
        pods, _ = shelves.list(PODS, namespace)
        if not any(name in claims_of(pod) for pod in pods if not _has_ended(pod)):
            yield Step(CLAIMS, namespace, name, _unprotect)


def _has_ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _unprotect(claim: Object) -> None:
    metadata = claim["metadata"]
    metadata["finalizers"] = [
        finalizer for finalizer in metadata.get("finalizers", []) if finalizer != CLAIM_IN_USE
    ]
