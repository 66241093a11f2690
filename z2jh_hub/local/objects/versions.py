"""Versions of objects, the changes between them, and those who watch.

An object's dict never changes once it is a version: a change makes another dict. So every reader
can share it, and it is turned into JSON once, however many clients are sent it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Literal

from .selectors import Selector
from .status import too_old

Change = Literal["ADDED", "MODIFIED", "DELETED"]


def dump(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Version:
    """One object as it was from one resourceVersion on."""

    __slots__ = ("_body", "number", "obj")

    def __init__(self, obj: dict[str, Any], number: int) -> None:
        self.obj = obj
        self.number = number
        self._body: bytes | None = None

    def item(self) -> bytes:
        """Its JSON without `kind` and `apiVersion`, as lists hold it."""
        if self._body is None:
            obj = self.obj
            self._body = dump({k: obj[k] for k in obj if k not in ("kind", "apiVersion")})
        return self._body

    def json(self) -> bytes:
        """Its JSON, whole."""
        head = f'{{"kind":"{self.obj["kind"]}","apiVersion":"{self.obj["apiVersion"]}",'
        return head.encode() + self.item()[1:]


class Event:
    """A change: `type`, the object after it (for DELETED: as it last was), and the one before."""

    __slots__ = ("_line", "before", "type", "version")

    def __init__(self, type: Change, version: Version, before: Version | None = None) -> None:
        self.type = type
        self.version = version
        self.before = before
        self._line: bytes | None = None

    def __repr__(self) -> str:
        metadata = self.obj["metadata"]
        where = f"{metadata.get('namespace', '')}/{metadata['name']}"
        return f"Event({self.type} {self.obj['kind']} {where} @{self.version.number})"

    @property
    def obj(self) -> dict[str, Any]:
        return self.version.obj

    def line(self) -> bytes:
        """As a watching client is sent it."""
        if self._line is None:
            self._line = b'{"type":"%s","object":%s}\n' % (self.type.encode(), self.version.json())
        return self._line


class Scope:
    """What a list or a watch is about: one namespace or all, some labels, some fields."""

    __slots__ = ("namespace", "selectors")

    def __init__(
        self,
        namespace: str | None = None,
        labels: Selector | None = None,
        fields: Selector | None = None,
    ) -> None:
        self.namespace = namespace
        self.selectors = tuple(selector for selector in (labels, fields) if selector)

    def holds(self, obj: dict[str, Any]) -> bool:
        return self.in_namespace(obj) and self._selects(obj)

    def in_namespace(self, obj: dict[str, Any]) -> bool:
        return self.namespace is None or obj["metadata"].get("namespace") == self.namespace

    def _selects(self, obj: dict[str, Any]) -> bool:
        return all(selector.matches(obj) for selector in self.selectors)

    def view(self, event: Event) -> Event | None:
        """The change as seen from this scope: entering it is ADDED, leaving it is DELETED."""
        if not self.in_namespace(event.obj):
            return None
        if not self.selectors:
            return event
        was = event.before is not None and self._selects(event.before.obj)
        if event.type == "DELETED":
            return event if was else None
        if self._selects(event.obj):
            change: Change = "MODIFIED" if was else "ADDED"
            return event if change == event.type else Event(change, event.version, event.before)
        if was and event.before is not None:
            return Event("DELETED", _renumbered(event.before, event.version.number))
        return None


def _renumbered(version: Version, number: int) -> Version:
    metadata = version.obj["metadata"] | {"resourceVersion": str(number)}
    return Version(version.obj | {"metadata": metadata}, number)


class Watch:
    """A stream of changes: `async for event in watch`, ended by `close` (or by the store).

    Dropping the last reference ends it too.
    """

    def __init__(self, scope: Scope, pending: list[Event]) -> None:
        self.scope = scope
        self.closed = False
        self._pending = deque(pending)
        self._wake = asyncio.Event()

    def push(self, event: Event) -> None:
        if (visible := self.scope.view(event)) is not None:
            self._pending.append(visible)
            self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    def drain(self) -> list[Event]:
        """All changes that wait to be taken."""
        taken = list(self._pending)
        self._pending.clear()
        return taken

    async def wait(self) -> None:
        """Return once a change waits, or the watch has been closed."""
        while not self._pending and not self.closed:
            self._wake.clear()
            await self._wake.wait()

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Event:
        await self.wait()
        if not self._pending:
            raise StopAsyncIteration
        return self._pending.popleft()


class History:
    """The latest changes of one kind, at most `size` of them."""

    def __init__(self, size: int, forgotten: int) -> None:
        self.forgotten = forgotten  # changes up to this version are not here
        self._size = size
        self._events: deque[Event] = deque()

    def append(self, event: Event) -> None:
        self._events.append(event)
        if len(self._events) > self._size:
            self.forgotten = self._events.popleft().version.number

    def since(self, number: int) -> list[Event]:
        """What happened after version `number`; StatusError 410 where that is forgotten."""
        if number < self.forgotten:
            raise too_old(number, self.forgotten)
        later: list[Event] = []
        for event in reversed(self._events):
            if event.version.number <= number:
                break
            later.append(event)
        later.reverse()
        return later
