"""The objects of the embedded API, in memory, and what happens to them.

For one event loop: every method is atomic, none blocks. What is handed out is shared and frozen:
read it, never change it; `modify` lends a copy to change.
"""

from __future__ import annotations

import secrets
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from z2jh_hub.local import defaults, lifecycle, poddefaults, validate
from z2jh_hub.local.resources import EVENTS, NAMESPACES, PODS, STORED, Resource, by_kind
from z2jh_hub.local.selectors import Selector
from z2jh_hub.local.status import already_exists, bad_request, conflict, not_found, stale
from z2jh_hub.local.versions import Change, Event, History, Scope, Version, Watch

Object = dict[str, Any]
# under names of their own: the store has a method called `list`
Objects = list[Object]
Versions = list[Version]
Admissions = list[Callable[[Resource, Object], None]]

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
# After a restore, versions start this much higher: clients may have seen some that were not saved,
# and must find them too old, not in the future.
RESTORE_STEP = 1_000_000
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


def copy(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {key: copy(item) for key, item in value.items()}
    return [copy(item) for item in value] if isinstance(value, list) else value


class _Shelf:
    """All objects of one kind, by namespace and name (`""` where there is no namespace)."""

    def __init__(self, history: int, forgotten: int) -> None:
        self.spaces: dict[str, dict[str, Version]] = {}
        self.history = History(history, forgotten)
        self.watches: weakref.WeakSet[Watch] = weakref.WeakSet()

    def versions(self, scope: Scope) -> Iterator[Version]:
        spaces = [scope.namespace] if scope.namespace is not None else sorted(self.spaces)
        for space in spaces:
            held = self.spaces.get(space, {})
            for name in sorted(held):
                if scope.holds(held[name].obj):
                    yield held[name]


class Store:
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
        self.version = 1
        self.admission: Admissions = []
        self.owners = lifecycle.Owners()
        self._history = history
        self._now = now
        self._shelves = {resource: _Shelf(history, self.version) for resource in STORED}
        for name in namespaces:
            self.create(NAMESPACES, None, {"metadata": {"name": name}})

    # reading

    def get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        """One object; StatusError 404 when there is none."""
        return self.current(resource, namespace, name).obj

    def current(self, resource: Resource, namespace: str | None, name: str) -> Version:
        """One object with its JSON; StatusError 404 when there is none."""
        version = self.find(resource, namespace, name)
        if version is None:
            raise not_found(resource, name)
        return version

    def find(self, resource: Resource, namespace: str | None, name: str) -> Version | None:
        """One object with its JSON, or None."""
        return self._shelves[resource].spaces.get(namespace or "", {}).get(name)

    def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        labels: Selector | None = None,
        fields: Selector | None = None,
    ) -> tuple[Objects, int]:
        """The objects, by namespace and name, and the version of the whole store."""
        found = self.versions(resource, Scope(namespace, labels, fields))
        return [version.obj for version in found], self.version

    def versions(self, resource: Resource, scope: Scope) -> Versions:
        """As `list`, with their JSON."""
        return list(self._shelves[resource].versions(scope))

    def changed_since(self, resource: Resource, number: int) -> bool:
        """Whether anything of this kind is newer; StatusError 410 when that is forgotten."""
        return bool(self._shelves[resource].history.since(number))

    def now(self) -> str:
        """The time, as Kubernetes writes it."""
        return timestamp(self._now())

    def clock(self) -> datetime:
        return self._now()

    # watching

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        since: int | None = None,
        labels: Selector | None = None,
        fields: Selector | None = None,
    ) -> Watch:
        """Changes after version `since`; without one (or 0), first an ADDED for all there is.

        Raises StatusError 410 when changes since then are forgotten. The watch has begun when this
        returns: nothing later is missed.
        """
        shelf, scope = self._shelves[resource], Scope(namespace, labels, fields)
        if since:
            seen = (scope.view(event) for event in shelf.history.since(since))
            pending = [event for event in seen if event is not None]
        else:
            pending = [Event("ADDED", version) for version in shelf.versions(scope)]
        watch = Watch(scope, pending)
        shelf.watches.add(watch)
        return watch

    # writing

    def create(self, resource: Resource, namespace: str | None, obj: Object) -> Object:
        """Keep a new object, defaults filled in.

        Raises StatusError: 409 AlreadyExists, 422 Invalid, 404 for a namespace that is not there,
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
            lifecycle.check_namespace(self, resource, namespace, metadata.get("name", ""))
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
        given = obj.get("metadata", {})
        if given.get("uid") not in (None, "", old.obj["metadata"]["uid"]):
            raise conflict(resource, name, _other_uid(given["uid"], old.obj["metadata"]["uid"]))
        if given.get("resourceVersion") not in (None, "", "0", str(old.number)):
            raise stale(resource, name)
        validate.deletion_time(resource, given, old.obj)
        new = lifecycle.merge_update(resource, copy(obj), old.obj, subresource)
        if subresource == "status" and resource is PODS:
            poddefaults.status(new)
        elif not subresource:
            defaults.on_update(resource, new, old.obj)
        validate.on_update(resource, new, old.obj)
        return new, old

    def modify(
        self, resource: Resource, namespace: str | None, name: str, change: Callable[[Object], None]
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
            return lifecycle.end_namespace(self, old)
        grace = lifecycle.grace_period(resource, old.obj, grace_seconds)
        waits = bool(grace or old.obj["metadata"].get("finalizers"))
        if waits or resource is PODS:  # a pod is marked even when it goes at once
            marked = lifecycle.mark(resource, old.obj, grace, self.clock())
            old = self._keep("MODIFIED", resource, marked, old)
        orphan = propagation == "Orphan"
        deleted = old.obj if waits else self._drop(resource, old, orphan=orphan)
        lifecycle.release_claims(self, resource, deleted)
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
        return self._keep(change, resource, obj, old)

    def _keep(
        self, change: Change, resource: Resource, obj: Object, old: Version | None
    ) -> Version:
        if old is not None and obj == old.obj:
            return old
        self.version += 1
        metadata = obj["metadata"]
        metadata["resourceVersion"] = str(self.version)
        version = Version(obj, self.version)
        space = metadata.get("namespace", "")
        self._shelves[resource].spaces.setdefault(space, {})[metadata["name"]] = version
        self.owners.record(resource, obj, old.obj if old else None)
        self._tell(resource, Event(change, version, old))
        return version

    def _drop(self, resource: Resource, old: Version, *, orphan: bool = False) -> Object:
        shelf, metadata = self._shelves[resource], old.obj["metadata"]
        space = metadata.get("namespace", "")
        del shelf.spaces[space][metadata["name"]]
        if not shelf.spaces[space]:
            del shelf.spaces[space]
        self.version += 1
        last = {**old.obj, "metadata": {**metadata, "resourceVersion": str(self.version)}}
        self._tell(resource, Event("DELETED", Version(last, self.version), old))
        self.owners.forget(resource, old.obj)
        lifecycle.after_removal(self, resource, last, orphan=orphan)
        return last

    def _tell(self, resource: Resource, event: Event) -> None:
        shelf = self._shelves[resource]
        shelf.history.append(event)
        for watch in shelf.watches:
            if not watch.closed:
                watch.push(event)

    def is_empty(self, namespace: str) -> bool:
        """Whether nothing is in the namespace but events, which do not hold it."""
        return not any(
            namespace in shelf.spaces
            for resource, shelf in self._shelves.items()
            if resource.namespaced and resource is not EVENTS
        )

    # keeping

    def snapshot(self) -> Object:
        """All objects and the version, as JSON; `restore` takes it."""
        everything = Scope()
        objects = [v.obj for shelf in self._shelves.values() for v in shelf.versions(everything)]
        return {"version": self.version, "objects": objects}

    def restore(self, saved: Object) -> None:
        """Replace everything by what `snapshot` gave; what any client has seen is then too old.

        Raises ValueError for an object of a kind that is not kept here.
        """
        self.version = max(self.version, saved["version"]) + RESTORE_STEP
        self.owners = lifecycle.Owners()
        for shelf in self._shelves.values():
            for watch in shelf.watches:
                watch.close()
        self._shelves = {resource: _Shelf(self._history, self.version) for resource in STORED}
        for obj in saved["objects"]:
            resource = by_kind(obj["apiVersion"], obj["kind"])
            if resource is None or not resource.stored:
                raise ValueError(f"cannot restore a {obj['kind']} ({obj['apiVersion']})")
            metadata = obj["metadata"]
            version = Version(copy(obj), int(metadata["resourceVersion"]))
            space = self._shelves[resource].spaces.setdefault(metadata.get("namespace", ""), {})
            space[metadata["name"]] = version
            self.owners.record(resource, obj, None)


def timestamp(when: datetime) -> str:
    """A time as Kubernetes writes it, to the second, UTC."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _other_uid(given: str, real: str) -> str:
    return f"Precondition failed: UID in precondition: {given}, UID in object meta: {real}"
