"""The objects in memory, by kind: read, watched, replaced, and saved as a whole.

What is handed out is shared and frozen: read it, never change it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from .owners import Owners
from .resources import EVENTS, STORED, Resource, by_kind
from .selectors import Selector
from .status import not_found
from .versions import Change, Event, History, Scope, Version, Watch

Object = dict[str, Any]
# under names of their own: the shelves have a method called `list`
Objects = list[Object]
Versions = list[Version]

# After a restore, versions start this much higher: clients may have seen some that were not saved,
# and must find them too old, not in the future.
RESTORE_STEP = 1_000_000


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
            by_name = self.spaces.get(space, {})
            for name in sorted(by_name):
                if scope.holds(by_name[name].obj):
                    yield by_name[name]


class Shelves:
    """All objects, without rules. `history`: how many changes of each kind a watch can go back."""

    def __init__(self, history: int) -> None:
        self.version = 1
        self.owners = Owners()
        self._history = history
        self._shelves = {resource: _Shelf(history, self.version) for resource in STORED}

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
        versions = self.versions(resource, Scope(namespace, labels, fields))
        return [version.obj for version in versions], self.version

    def versions(self, resource: Resource, scope: Scope) -> Versions:
        """As `list`, with their JSON."""
        return list(self._shelves[resource].versions(scope))

    def changed_since(self, resource: Resource, number: int) -> bool:
        """Whether anything of this kind is newer; StatusError 410 when that is forgotten."""
        return bool(self._shelves[resource].history.since(number))

    def is_empty(self, namespace: str) -> bool:
        """Whether nothing is in the namespace but events, which do not hold it."""
        return not any(
            namespace in shelf.spaces
            for resource, shelf in self._shelves.items()
            if resource.namespaced and resource is not EVENTS
        )

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
            events = (scope.view(event) for event in shelf.history.since(since))
            pending = [event for event in events if event is not None]
        else:
            pending = [Event("ADDED", version) for version in shelf.versions(scope)]
        watch = Watch(scope, pending)
        shelf.watches.add(watch)
        return watch

    # changing

    def keep(self, change: Change, resource: Resource, obj: Object, old: Version | None) -> Version:
        """Put an object where `old` was (None: nothing was), and tell those who watch."""
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

    def take(self, resource: Resource, old: Version) -> Object:
        """Take an object out, and tell those who watch; what it was last is returned."""
        shelf, metadata = self._shelves[resource], old.obj["metadata"]
        space = metadata.get("namespace", "")
        del shelf.spaces[space][metadata["name"]]
        if not shelf.spaces[space]:
            del shelf.spaces[space]
        self.version += 1
        last = {**old.obj, "metadata": {**metadata, "resourceVersion": str(self.version)}}
        self._tell(resource, Event("DELETED", Version(last, self.version), old))
        self.owners.forget(resource, old.obj)
        return last

    def _tell(self, resource: Resource, event: Event) -> None:
        shelf = self._shelves[resource]
        shelf.history.append(event)
        for watch in shelf.watches:
            if not watch.closed:
                watch.push(event)

    # saving

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
        self.owners = Owners()
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
