"""Faults on purpose: what a test asks the embedded API to get wrong.

In process, call the methods of `Faults`; from outside, `POST /faults` with the fields of a `Fault`
as JSON (`{"action": "refuse", "verb": "create", "resource": "pods", "status": 500, "times": 2}`),
and `DELETE /faults` to be done with all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from .objects.status import StatusError

ACTIONS = {
    "refuse": "answer with `status` and `message`",
    "drop": "close the connection without an answer",
    "delay": "wait `seconds`, then answer as usual",
    "expire": "end a watch with 410: its resourceVersion is too old",
    "fail-pod": "let pods fail with `reason` (ErrImagePull, Unschedulable, OOMKilled, Evicted, …), "
    "and `message` where Kubernetes has one",
    "drop-watches": "end all watches that are open now",
}


@dataclass
class Fault:
    """One thing to get wrong. The four patterns are those of a shell (`*`, `jupyter-*`).

    `verb` is Kubernetes' (get, list, watch, create, update, patch, delete, deletecollection);
    `times`: for so many calls, then no more; `duration`: for so many seconds from now.
    """

    action: str
    verb: str = "*"
    resource: str = "*"
    namespace: str = "*"
    name: str = "*"
    status: int = 503
    message: str = ""
    seconds: float = 0
    reason: str = ""
    times: int | None = None
    duration: float | None = None
    taken: int = field(default=0, init=False)
    since: float = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"action {self.action!r}: expected one of {', '.join(ACTIONS)}")
        if self.action == "fail-pod" and not self.reason:
            raise ValueError("fail-pod needs a reason, such as ErrImagePull")

    def meets(self, verb: str, resource: str, namespace: str, name: str) -> bool:
        """Whether the fault is about this call."""
        pairs = (
            (verb, self.verb),
            (resource, self.resource),
            (namespace, self.namespace),
            (name, self.name),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


class PodFailure(NamedTuple):
    """A pod's failure: Kubernetes' word for it, and its message."""

    reason: str
    message: str = "injected"


class Faults:
    """The faults that are on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: list[Fault] = []
        self._droppers: list[Callable[[], None]] = []

    def add(self, fault: Fault) -> Fault:
        """Turn a fault on; the one that is returned counts in `taken` how often it was met."""
        if fault.action == "drop-watches":
            self.drop_watches()
            return fault
        fault.since = self._clock()
        self._faults.append(fault)
        return fault

    def add_json(self, body: Any) -> Fault:
        """As `add`, from parsed JSON; ValueError says what is wrong with it."""
        known = [f.name for f in fields(Fault) if f.init]
        if not isinstance(body, dict) or "action" not in body:
            raise ValueError(f"expected a mapping with an action: {', '.join(ACTIONS)}")
        if unknown := set(body) - set(known):
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
        return self.add(Fault(**body))

    def refuse(self, verb: str = "*", resource: str = "*", **more: Any) -> Fault:
        """Answer matching calls with an error (`status`, 503 unless said otherwise)."""
        return self.add(Fault("refuse", verb, resource, **more))

    def delay(self, seconds: float, verb: str = "*", resource: str = "*", **more: Any) -> Fault:
        """Answer matching calls late."""
        return self.add(Fault("delay", verb, resource, seconds=seconds, **more))

    def expire(self, resource: str = "*", **more: Any) -> Fault:
        """Answer matching watches with 410."""
        return self.add(Fault("expire", "watch", resource, **more))

    def fail_pod(self, reason: str, name: str = "*", **more: Any) -> Fault:
        """Let matching pods fail."""
        return self.add(Fault("fail-pod", name=name, reason=reason, **more))

    def drop_watches(self) -> None:
        """End all watches that are open now, in the middle of the answer."""
        for drop in self._droppers:
            drop()

    def on_drop(self, drop: Callable[[], None]) -> None:
        """Have `drop` called by `drop_watches`."""
        self._droppers.append(drop)

    def clear(self) -> None:
        """Turn all faults off."""
        self._faults.clear()

    def pod_failure(self, pod: dict[str, Any]) -> PodFailure | None:
        """How this pod is to fail, for the kubelet, or None."""
        metadata = pod["metadata"]
        where = ("run", "pods", metadata.get("namespace", ""), metadata["name"])
        fault = self._take(("fail-pod",), *where)
        return PodFailure(fault.reason, fault.message or "injected") if fault else None

    async def meet(self, verb: str, resource: str, namespace: str, name: str) -> None:
        """Get this call wrong, where a fault says so.

        Raises StatusError for `refuse`, ConnectionAbortedError for `drop`.
        """
        if not self._faults:
            return
        where = (verb, resource, namespace, name)
        if fault := self._take(("delay",), *where):
            await asyncio.sleep(fault.seconds)
        if fault := self._take(("refuse", "drop"), *where):
            if fault.action == "drop":
                raise ConnectionAbortedError(fault.message)
            raise StatusError(fault.status, fault.message or "refused, as a test asked for")

    def expires(self, resource: str, namespace: str) -> bool:
        """Return whether a watch must end with status 410."""
        return bool(self._take(("expire",), "watch", resource, namespace, ""))

    def _take(
        self, actions: tuple[str, ...], verb: str, resource: str, namespace: str, name: str
    ) -> Fault | None:
        now = self._clock()
        self._faults = [fault for fault in self._faults if not _is_over(fault, now)]
        for fault in self._faults:
            if fault.action in actions and fault.meets(verb, resource, namespace, name):
                fault.taken += 1
                return fault
        return None


def _is_over(fault: Fault, now: float) -> bool:
    if fault.times is not None and fault.taken >= fault.times:
        return True
    return fault.duration is not None and now - fault.since >= fault.duration
