"""Events: what the scheduler and the kubelet tell about a pod or a claim.

A repeated event is counted on the first one, and events older than an hour go, as in Kubernetes.
"""

import contextlib
import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from ..objects.resources import EVENTS
from ..objects.status import StatusError
from ..objects.store import Store
from .node import NODE
from .pod_status import now

LIFETIME = 3600.0  # seconds

Json = Mapping[str, Any]


class Recorder:
    """Writes events into the store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen: dict[tuple[str, ...], str] = {}
        self._written: deque[tuple[float, tuple[str, ...]]] = deque()

    def normal(self, about: Json, reason: str, message: str, source: str = "kubelet") -> None:
        self._record(about, "Normal", reason, message, source)

    def warning(self, about: Json, reason: str, message: str, source: str = "kubelet") -> None:
        self._record(about, "Warning", reason, message, source)

    def _record(self, about: Json, type_: str, reason: str, message: str, source: str) -> None:
        self._forget_old()
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        key = (namespace, meta.get("uid", ""), type_, reason, message)
        name = self._seen.get(key)
        if name and self.store.modify(EVENTS, namespace, name, _counted):
            return
        name = f"{meta['name']}.{secrets.token_hex(8)}"
        event = _event(about, name, type_, reason, message, source)
        with contextlib.suppress(StatusError):  # a namespace that is going takes no more
            self.store.create(EVENTS, namespace, event)
        self._seen[key] = name
        self._written.append((time.monotonic(), key))

    def _forget_old(self) -> None:
        while self._written and self._written[0][0] < time.monotonic() - LIFETIME:
            _, key = self._written.popleft()
            name = self._seen.pop(key, None)
            if name:
                self.store.remove(EVENTS, key[0], name)


def _counted(event: dict[str, Any]) -> None:
    event["count"] = event.get("count", 1) + 1
    event["lastTimestamp"] = now()


def _event(
    about: Json, name: str, type_: str, reason: str, message: str, source: str
) -> dict[str, Any]:
    meta, time_ = about["metadata"], now()
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": meta.get("namespace") or "default"},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": about.get("kind", "Pod"),
            "name": meta["name"],
            "namespace": meta.get("namespace"),
            "uid": meta.get("uid"),
            "resourceVersion": meta.get("resourceVersion"),
        },
        "type": type_,
        "reason": reason,
        "message": message,
        "count": 1,
        "firstTimestamp": time_,
        "lastTimestamp": time_,
        "eventTime": None,
        "source": {"component": source, "host": NODE},
        "reportingComponent": source,
        "reportingInstance": NODE,
    }
