"""Who belongs to whom: what goes when its owner does."""

from __future__ import annotations

from typing import Any

from .resources import Resource

Object = dict[str, Any]


class Owners:
    """Who belongs to whom, by the owner's uid."""

    def __init__(self) -> None:
        self._dependents: dict[str, dict[str, tuple[Resource, str | None, str]]] = {}
        self._uids: set[str] = set()

    def record(self, resource: Resource, obj: Object, old: Object | None) -> None:
        metadata = obj["metadata"]
        self._uids.add(metadata["uid"])
        if old is not None and metadata.get("ownerReferences") == old["metadata"].get(
            "ownerReferences"
        ):
            return
        if old is not None:
            self._unlink(old)
        where = (resource, metadata.get("namespace"), metadata["name"])
        for uid in owner_uids(obj):
            self._dependents.setdefault(uid, {})[metadata["uid"]] = where

    def forget(self, resource: Resource, obj: Object) -> None:
        self._uids.discard(obj["metadata"]["uid"])
        self._unlink(obj)

    def _unlink(self, obj: Object) -> None:
        for uid in owner_uids(obj):
            dependents = self._dependents.get(uid, {})
            dependents.pop(obj["metadata"]["uid"], None)
            if not dependents:
                self._dependents.pop(uid, None)

    def orphans_of(self, uid: str) -> list[tuple[Resource, str | None, str]]:
        """The dependents that an owner leaves behind, as (resource, namespace, name)."""
        return list(self._dependents.get(uid, {}).values())

    def any_left(self, obj: Object) -> bool:
        return any(uid in self._uids for uid in owner_uids(obj))


def owner_uids(obj: Object) -> list[str]:
    return [owner["uid"] for owner in obj["metadata"].get("ownerReferences") or []]
