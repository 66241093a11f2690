"""The state of one start of a user server, and the decision whether to give it up.

The spawner creates a `Start` each time a server is started. Every part of the spawner that learns
something about that start records it here, and nowhere else.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from ..failures import AUTOSCALER, Diagnosis, Fact, Failure, Pod, facts_of, find
from .kubernetes_api import is_transient, refusal

LOOK = 0.5  # seconds between two checks of the pod
RETRY = 2.0  # seconds between two requests while Kubernetes does not answer
AUTOSCALER_WAIT = 180.0  # seconds in which an autoscaler reports whether it adds a node
# a refusal to add a node that may be withdrawn
MAY_GROW_LATER = re.compile("backoff|max node group size|limit")
TIMEOUT_MARGIN = 2.0  # seconds by which we give up before JupyterHub's timeout, which has no cause


class Start:
    """One attempt to start a server.

    id                 identifies this attempt in the annotations of the pod that it creates
    active             whether the attempt is still being followed
    cause              why the attempt failed
    last_events        the events of its pod until it failed
    unanswered         the fact that Kubernetes does not answer a request that will be repeated
    claim_facts        facts about the claim of the home, while it has no volume
    claim_checked_at   when they were last requested (monotonic seconds)
    node_facts         facts about the nodes, while the pod has none
    nodes_checked_at   when they were last requested (monotonic seconds)
    has_autoscaler     whether the cluster has an autoscaler; None if that is unknown
    ownership_decided  whether the objects that the server would use were checked for other owners
    """

    def __init__(
        self,
        catalogue: Iterable[Failure],
        pod: Callable[[], Pod | None],
        events: Callable[[], Sequence[Any]],
        timeout: Callable[[], float],
    ) -> None:
        """Begin a start.

        `pod` returns the pod of the server's name, and `events` its events, as now known.
        `timeout` returns the start timeout in seconds, which the chosen profile may change.
        """
        self.id = secrets.token_hex(8)
        self.active = False
        self.cause: Diagnosis | None = None
        self.last_events: list[Any] = []
        self.unanswered: Fact | None = None
        self.claim_facts: tuple[Fact, ...] = ()
        self.claim_checked_at = 0.0
        self.node_facts: tuple[Fact, ...] = ()
        self.nodes_checked_at = 0.0
        self.has_autoscaler: bool | None = None
        self.ownership_decided = False
        self.current_pod = pod
        self._timeout = timeout
        self._began = time.monotonic()
        self._events = events
        self._catalogue = tuple(catalogue)
        self._earlier_pod = _uid(pod())
        self._since: dict[str, float] = {}
        self._held_up_by: Diagnosis | None = None
        self._give_up_at = 0.0
        self._known_facts: list[Fact] = []
        self._meaning: Diagnosis | None = None

    @classmethod
    def none(cls) -> Start:
        """Return the state of a server that this process has not started."""
        start = cls((), pod=lambda: None, events=list, timeout=lambda: 0.0)
        start.ownership_decided = True
        return start

    # What is known

    def own_pod(self) -> Any:
        """Return the pod that this start created, or None if it does not exist yet."""
        pod = self.current_pod()
        return None if _uid(pod) == self._earlier_pod else pod

    def pod_events(self) -> list[Any]:
        """Return the events of the current pod, oldest first."""
        uid = _uid(self.current_pod())
        return [event for event in self._events() if event["involvedObject"].get("uid") == uid]

    def facts(self) -> list[Fact]:
        """Return what Kubernetes reports about this start now."""
        pod = self.own_pod()
        if pod is None:
            return [self.unanswered] if self.unanswered else []
        return [*self.claim_facts, *self.node_facts, *facts_of(pod, self.pod_events())]

    # What it means

    def check(self) -> Diagnosis | None:
        """Return the cause for which to give up now, if there is one."""
        facts = self.facts()
        diagnosis = self._held_up_by = self._find(facts)
        if diagnosis is None:
            return None
        since = self._since.setdefault(diagnosis.failure.id, time.monotonic())
        self._give_up_at = since + self._patience(diagnosis.failure, facts)
        return diagnosis if time.monotonic() >= self._give_up_at else None

    def _patience(self, failure: Failure, facts: Iterable[Fact]) -> float:
        """Return the seconds for which to wait because of a cause."""
        if not failure.growth:
            return failure.wait
        reports = [fact for fact in facts if fact.reason in AUTOSCALER]
        if reports and not MAY_GROW_LATER.search(reports[-1].message):
            return 0  # the autoscaler adds no node
        if self.has_autoscaler is None:
            return failure.wait
        return max(failure.wait, AUTOSCALER_WAIT) if self.has_autoscaler else 0

    def waiting_left(self) -> float:
        """Return the seconds until the start is given up if nothing changes."""
        return max(0.0, min(self._give_up_at - time.monotonic(), self.time_left() - self.margin))

    def _find(self, facts: list[Fact]) -> Diagnosis | None:
        """Return what the facts mean, without looking again while they are the same."""
        if facts != self._known_facts:
            self._known_facts, self._meaning = facts, find(self._catalogue, facts)
        return self._meaning

    def held_up_by(self) -> Diagnosis | None:
        """Return the cause that keeps the server from starting at the moment."""
        if not self.active:
            return None
        self.check()
        return self._held_up_by

    def on_timeout(self) -> Diagnosis | None:
        """Return why the start takes longer than the start timeout."""
        last = (self.pod_events() or [{}])[-1]
        fact = Fact("timeout", last.get("reason") or "", last.get("message") or "")
        return find(self._catalogue, self.facts()) or find(self._catalogue, [fact])

    def cause_of(self, error: Exception) -> Diagnosis | None:
        """Return why the start ended with `error`, if that is known."""
        # KubeSpawner's own timeout has no cause and may come a moment before ours
        if self.time_left() <= 2 * self.margin and isinstance(error, TimeoutError):
            return self.on_timeout()
        fact = refusal(error)
        return find(self._catalogue, [fact]) if fact else None

    def time_left(self) -> float:
        """Return the seconds until the start timeout is over."""
        return self._began + self._timeout() - time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds since the start began."""
        return time.monotonic() - self._began

    def record_failure(self) -> None:
        """Keep the events of the pod, for a report of this start, before the pod is deleted."""
        self.last_events = self.pod_events() if self.own_pod() is not None else []

    @property
    def margin(self) -> float:
        """Seconds before the end of the start timeout at which the start is given up."""
        return min(TIMEOUT_MARGIN, self._timeout() / 10)

    # Waiting

    async def until_hopeless(self, update_facts: Callable[[], Awaitable[None]]) -> Diagnosis:
        """Return the cause for which to give up, as soon as there is one.

        `update_facts` is called before each check, to record facts that need a request.
        """
        while True:
            await asyncio.sleep(LOOK)
            await update_facts()
            if diagnosis := self.check():
                return diagnosis
            if self.time_left() <= self.margin and (diagnosis := self.on_timeout()):
                return diagnosis

    async def until_answered(self, request: Callable[[], Awaitable[Any]]) -> Any:
        """Return the answer to a request, repeating it while Kubernetes does not answer."""
        while True:
            try:
                answer = await request()
            except Exception as error:
                if not is_transient(error):
                    raise
                await self.wait_to_retry(error)
            else:
                self.unanswered = None
                return answer

    async def wait_to_retry(self, error: Exception) -> None:
        """Record a request that Kubernetes did not answer, and wait before it is repeated."""
        self.unanswered = refusal(error) or Fact("refused", "0", str(error) or "no answer in time")
        await asyncio.sleep(RETRY)


def _uid(pod: Any) -> str | None:
    return pod["metadata"]["uid"] if pod else None
