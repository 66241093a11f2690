"""The objects of the embedded API, and what the API makes of a client's wish to change them.

For one event loop: every method is atomic, none blocks. `modify` lends a copy to change.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from . import cascade, defaults, lifecycle, pod_defaults, validate
from .resources import NAMESPACES, PODS, Resource
from .shelves import Shelves, copy
from .status import already_exists, bad_request, conflict, stale
from .versions import Change, Version

Object = dict[str, Any]

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


class Store(Shelves):
    """All objects. `history` is how many changes of each kind a watch can go back.

    `admission` may change an object before it is created (the kubelet's say in pods).
    """

    def __init__(
        self,
        *,
        history: int = 4096,
        namespaces: Iterable[str] = SYSTEM_NAMESPACES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(history)
        self.admission: list[Callable[[Resource, Object], None]] = []
        self._now = now
        for name in namespaces:
            self.create(NAMESPACES, None, {"metadata": {"name": name}})

    def now(self) -> str:
        """The time, as Kubernetes writes it."""
        return timestamp(self._now())

    def clock(self) -> datetime:
        return self._now()

    def create(self, resource: Resource, namespace: str | None, obj: Object) -> Object:
        """Keep a new object, defaults filled in.

        Raises StatusError: 409 AlreadyExists, 422 Invalid, 404 for a missing namespace,
        403 for one that is going.
        """
        obj = self.prepare(resource, namespace, obj)
        name = obj["metadata"]["name"]
        if self.find(resource, namespace, name):
            raise already_exists(resource, name)
        return self._put("ADDED", resource, obj, None).obj

    def prepare(self, resource: Resource, namespace: str | None, obj: Object) -> Object:
        """The object that `create` would keep, but for its version: checked and complete."""
        obj = {"kind": resource.kind, "apiVersion": resource.api_version} | copy(obj)
        metadata: Object = obj.setdefault("metadata", {})
        if resource.namespaced:
            if not namespace:
                raise bad_request(f"{resource.plural} need a namespace")
            metadata["namespace"] = namespace
            cascade.check_namespace(self, resource, namespace, metadata.get("name", ""))
        generate = metadata.get("generateName")
        if not metadata.get("name") and generate:
            metadata["name"] = generate + "".join(secrets.choice(_SUFFIX) for _ in range(5))
        for given_by_us in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"):
            metadata.pop(given_by_us, None)
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = self.now()
        defaults.on_create(resource, obj)
        for admit in self.admission:
            admit(resource, obj)
        validate.on_create(resource, obj)
        return obj

    def update(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        obj: Object,
        *,
        subresource: str | None = None,
    ) -> Object:
        """Replace an object (or its status); writing what is there already changes nothing.

        Raises StatusError: 404, 409 Conflict for a stale resourceVersion, 422 for an invalid
        object or a field that must not change.
        """
        new, old = self.revise(resource, namespace, name, obj, subresource=subresource)
        return self._put("MODIFIED", resource, new, old).obj

    def revise(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        obj: Object,
        *,
        subresource: str | None = None,
    ) -> tuple[Object, Version]:
        """The object that `update` would keep, and the one it would replace."""
        old = self.current(resource, namespace, name)
        metadata = obj.get("metadata", {})
        if metadata.get("uid") not in (None, "", old.obj["metadata"]["uid"]):
            raise conflict(resource, name, _other_uid(metadata["uid"], old.obj["metadata"]["uid"]))
        if metadata.get("resourceVersion") not in (None, "", "0", str(old.number)):
            raise stale(resource, name)
        validate.deletion_time(resource, metadata, old.obj)
        new = lifecycle.merge_update(resource, copy(obj), old.obj, subresource)
        if subresource == "status" and resource is PODS:
            pod_defaults.status(new)
        elif not subresource:
            defaults.on_update(resource, new, old.obj)
        validate.on_update(resource, new, old.obj)
        return new, old

    def modify(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        change: Callable[[Object], object],
    ) -> Object | None:
        """Change an object in one step, unchecked; None when it is gone."""
        old = self.find(resource, namespace, name)
        if old is None:
            return None
        new = copy(old.obj)
        change(new)
        return self._put("MODIFIED", resource, new, old).obj

    def delete(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        *,
        grace_seconds: int | None = None,
        preconditions: Object | None = None,
        propagation: str | None = None,
    ) -> Object:
        """Delete an object, or mark it for deletion; what it was last is returned.

        A pod that a kubelet has taken up is marked and left to it (grace 0: gone at once); so is
        an object with finalizers, and a namespace until what is in it has gone.
        Raises StatusError: 404, 409 when `preconditions` (uid, resourceVersion) do not hold.
        """
        old = self.current(resource, namespace, name)
        lifecycle.check_preconditions(resource, old.obj, preconditions or {})
        if propagation:
            lifecycle.check_propagation(propagation)
        if resource is NAMESPACES:
            return self._delete_namespace(name)
        grace = lifecycle.grace_period(resource, old.obj, grace_seconds)
        waits = bool(grace or old.obj["metadata"].get("finalizers"))
        if waits or resource is PODS:  # a pod is marked even when it goes at once
            marked = lifecycle.mark(resource, old.obj, grace, self.clock())
            old = self.keep("MODIFIED", resource, marked, old)
        orphan = propagation == "Orphan"
        deleted = old.obj if waits else self._drop(resource, old, orphan=orphan)
        self._carry_out(cascade.release_claims(self, resource, deleted))
        return deleted

    def remove(
        self, resource: Resource, namespace: str | None, name: str, uid: str | None = None
    ) -> None:
        """Take an object out, whatever holds it: the kubelet's last word on a pod that stopped.

        Nothing happens when it is gone, or another (`uid`) has taken its name.
        """
        old = self.find(resource, namespace, name)
        if old and uid in (None, old.obj["metadata"]["uid"]):
            self._drop(resource, old)

    def _put(self, change: Change, resource: Resource, obj: Object, old: Version | None) -> Version:
        if lifecycle.is_done(obj) and old is not None:
            self._drop(resource, Version(obj, old.number))
            return Version(obj, self.version)
        return self.keep(change, resource, obj, old)

    def _drop(self, resource: Resource, old: Version, *, orphan: bool = False) -> Object:
        last = self.take(resource, old)
        self._carry_out(cascade.after_removal(self, resource, last, orphan=orphan))
        return last

    def _delete_namespace(self, name: str) -> Object:
        self._carry_out(cascade.terminate_namespace(self, name, self.now()))
        marked = self.get(NAMESPACES, None, name)
        self._carry_out(cascade.empty_namespace(self, name))
        return marked

    def _carry_out(self, steps: cascade.Steps) -> None:
        for step in steps:
            if step.change is None:
                self.delete(step.resource, step.namespace, step.name)
            else:
                self.modify(step.resource, step.namespace, step.name, step.change)


def _other_uid(wanted: str, real: str) -> str:
    return f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {real}"


def timestamp(when: datetime) -> str:
    """A time as Kubernetes writes it, to the second, UTC."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
