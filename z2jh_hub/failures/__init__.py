"""Why a server does not start: recognised in what Kubernetes says, told in words.

Facts     what Kubernetes says of a pod that should be starting, one at a time
Sign      a pattern for a fact
Failure   a cause: its signs, what to tell the user and the administrator, what helps
find      the first cause of a catalogue that the facts show

Nothing here asks Kubernetes: facts are made of a pod and its events as the API gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Pod = Mapping[str, Any]

# Where a fact comes from → what its `reason` is.
PLACES = {
    "home": "what is the matter with the claim of the user's home",
    "owner": "the kind of an object that belongs to another server; or Deleted",
    "refused": "the status of Kubernetes' answer when the hub asked for the pod or its home",
    "unscheduled": "why the pod has no node (the condition PodScheduled)",
    "event": "the reason of an event about the pod",
    "init": "the reason why an init container waits or ended",
    "waiting": "the reason why a container waits",
    "ended": "the reason why a container ended",
    "pod": "the reason why the pod as a whole failed",
    "timeout": "the reason of the last event when the start timeout was over; or NoAnswer",
}


@dataclass(frozen=True)
class Fact:
    """One thing that Kubernetes says: the place (see PLACES), its reason and its words."""

    place: str
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Sign:
    """A pattern for facts: all of `reason`, any part of `message`, in any case."""

    place: str
    reason: str = ".*"
    message: str = ""

    def shows(self, fact: Fact) -> bool:
        return (
            fact.place == self.place
            and re.fullmatch(self.reason, fact.reason, re.IGNORECASE) is not None
            and re.search(self.message, fact.message, re.IGNORECASE) is not None
        )


@dataclass(frozen=True)
class Failure:
    """A cause. `id` names it for users, logs and metrics.

    user        what the user is told
    admin       what the administrator is told
    next        what the administrator can do
    wait        seconds for which waiting may help; 0: nothing is gained by it
    waiting     what the user is told meanwhile
    rescue      whether a rescue server, which has the home mounted elsewhere, may start nonetheless
    """

    id: str
    signs: tuple[Sign, ...]
    user: str
    admin: str
    next: str
    wait: float = 0
    waiting: str = ""
    rescue: bool = False


@dataclass(frozen=True)
class Found:
    """A cause and the fact that shows it."""

    failure: Failure
    fact: Fact

    def user_message(self) -> str:
        return f"{self.failure.user} ({self.failure.id})"

    def waiting_message(self) -> str:
        return self.failure.waiting or self.failure.user

    def log_message(self) -> str:
        """All that an administrator wants to know, in lines."""
        said = f"{self.fact.reason}: {self.fact.message}".strip(": ")
        failure = self.failure
        return f"{failure.id}: {failure.admin}\n  next step: {failure.next}\n  seen: {said}"


def find(catalogue: Iterable[Failure], facts: Sequence[Fact]) -> Found | None:
    """The first cause, in the catalogue's order, of which a fact is a sign."""
    for failure in catalogue:
        for fact in facts:
            if any(sign.shows(fact) for sign in failure.signs):
                return Found(failure, fact)
    return None


# What a pod goes through, by the reasons of events. What was said at one stage is over as soon as
# a later one is reached, and what was said before a container started as soon as it has.
_STAGES = (
    ("FailedScheduling", "TriggeredScaleUp", "NotTriggerScaleUp"),
    ("Scheduled",),
    ("FailedMount", "FailedAttachVolume", "SuccessfulAttachVolume"),
    ("FailedCreatePodSandBox",),
    ("Pulling", "Failed", "BackOff", "InspectFailed"),
    ("Pulled",),
    ("Created", "Started"),
)
_STAGE = {reason: number for number, reasons in enumerate(_STAGES) for reason in reasons}
# Of these, only the latest counts: each takes back what the others said.
_AUTOSCALER = ("TriggeredScaleUp", "NotTriggerScaleUp")


def facts_of(pod: Pod | None, events: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """What a pod (None: not there yet) and its events, oldest first, say now."""
    status = (pod or {}).get("status") or {}
    found = []
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            why = condition.get("reason") or ""
            found.append(Fact("unscheduled", why, condition.get("message") or ""))
    found += _containers("init", status.get("initContainerStatuses") or [])
    found += _containers("", status.get("containerStatuses") or [])
    if status.get("reason") or status.get("phase") == "Failed":
        found.append(Fact("pod", status.get("reason") or "", status.get("message") or ""))
    return [*found, *_events(events)]


def _events(events: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    reached = -1
    scaler_spoke = False
    current = []
    for event in reversed(events):
        reason = event.get("reason") or ""
        stage = _STAGE.get(reason)
        if stage is not None and stage < reached:
            continue
        reached = max(reached, -1 if stage is None else stage)
        if reason in _AUTOSCALER:
            if scaler_spoke:
                continue
            scaler_spoke = True
        current.append(Fact("event", reason, event.get("message") or ""))
    yield from reversed(current)


def _containers(place: str, statuses: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    for status in statuses:
        states = [status.get("state") or {}]
        if "waiting" in states[0]:  # while it runs again, how it last ended says nothing
            states.append(status.get("lastState") or {})
        for state in states:
            if waiting := state.get("waiting"):
                yield Fact(
                    place or "waiting", waiting.get("reason") or "", waiting.get("message") or ""
                )
            ended = state.get("terminated")
            if ended and not (place == "init" and ended.get("exitCode") == 0):
                words = f"exit code {ended.get('exitCode')} {ended.get('message') or ''}".strip()
                yield Fact(place or "ended", ended.get("reason") or "", words)
