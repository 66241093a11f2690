"""What reflectors have in memory, so that a start sees its own pod and events at once.

KubeSpawner keeps all pods, and all events, in a dictionary each. It sorts all events each time that
one start looks at its own, and looks for its pod again and again. `Watched` is such a dictionary
that also has the events of each pod, and wakes those who wait for a change of a pod.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

Events = list[dict[str, Any]]


class Waiters:
    """Futures of those who wait for a change, by the key of the object."""

    def __init__(self) -> None:
        self._futures: dict[str, set[asyncio.Future[None]]] = {}

    async def wait(self, key: str, seconds: float) -> None:
        """Return when the object changes, or after `seconds`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._futures.setdefault(key, set())
        waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=seconds)
        finally:
            waiting.discard(future)
            if not waiting and self._futures.get(key) is waiting:
                del self._futures[key]

    def wake(self, key: str) -> None:
        """Wake those who wait for one object."""
        for future in self._futures.pop(key, ()):
            if not future.done():
                future.set_result(None)

    def wake_all(self) -> None:
        """Wake everyone: all objects may have changed."""
        for key in list(self._futures):
            self.wake(key)


class Watched(dict[str, Any]):
    """The objects of a reflector by key; the events among them also by the name of their object."""

    def __init__(self, objects: Mapping[str, Any], waiters: Waiters) -> None:
        super().__init__(objects)
        self._waiters = waiters
        self._of: dict[str, dict[str, Any]] = {}
        for key, each in objects.items():
            self._add_event(key, each)
        waiters.wake_all()

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._add_event(key, value)
        self._waiters.wake(key)

    def pop(self, key: str, *default: Any) -> Any:
        removed = super().pop(key, *default)
        if name := _involved(removed):
            events = self._of.get(name, {})
            events.pop(key, None)
            if not events:
                self._of.pop(name, None)
        self._waiters.wake(key)
        return removed

    def events_of(self, name: str) -> Events:
        """Return the events of objects of a name, the latest last."""
        return sorted(self._of.get(name, {}).values(), key=_time)

    def _add_event(self, key: str, value: Any) -> None:
        if name := _involved(value):
            self._of.setdefault(name, {})[key] = value


def _involved(event: Any) -> str:
    return str(((event or {}).get("involvedObject") or {}).get("name") or "")


def _time(event: Mapping[str, Any]) -> str:
    return str(event["lastTimestamp"] or event["eventTime"])


def since(events: Iterable[Mapping[str, Any]], last: str | None) -> list[Any]:
    """Return the events after the one whose uid is `last`, or all if it is not among them."""
    later: list[Any] = []
    for event in events:
        if last and event["metadata"]["uid"] == last:
            later = []
        else:
            later.append(event)
    return later
