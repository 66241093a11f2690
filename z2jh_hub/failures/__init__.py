"""Recognize why a server does not start, and explain it.

Fact      one thing that Kubernetes reports about a pod that should be starting
Sign      a pattern for facts
Failure   a cause: its signs, its messages for the user and the administrator, and a next step
find      the first cause in a catalogue for which there is a fact

Nothing here sends requests: facts are derived from a pod and its events, as the API returns them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

Pod = Mapping[str, Any]

# Places where facts come from, and the meaning of `reason` there
PLACES = {
    "home": "the reason of an event about the claim of the user's home, or what is wrong with it",
    "owner": "the kind of an object that belongs to another server; or Path, or Deleted",
    "refused": "the HTTP status with which Kubernetes refused the pod or its home",
    "nodes": "what no node of the cluster has, if the hub may list nodes",
    "unscheduled": "why the pod has no node (the condition PodScheduled)",
    "event": "the reason of an event about the pod",
    "init": "the reason why an init container waits or terminated",
    "waiting": "the reason why a container waits",
    "ended": "the reason why a container terminated",
    "pod": "the reason why the whole pod failed",
    "timeout": "the reason of the last event before the start timeout; or NoAnswer",
}


@dataclass(frozen=True)
class Fact:
    """One thing that Kubernetes reports: the place (see PLACES), the reason and the message."""

    place: str
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Sign:
    """A pattern for facts: it matches all of `reason` and any part of `message`, ignoring case."""

    place: str
    reason: str = ".*"
    message: str = ""

    def matches(self, fact: Fact) -> bool:
        return (
            fact.place == self.place
            and re.fullmatch(self.reason, fact.reason, re.IGNORECASE) is not None
            and re.search(self.message, fact.message, re.IGNORECASE) is not None
        )


@dataclass(frozen=True)
class Failure:
    """A cause. `id` names it for users, logs and metrics.

    user        message for the user
    admin       message for the administrator
    next        what the administrator can do
    wait        seconds for which the problem may resolve itself; 0 means that it will not
    waiting     message for the user during that time
    rescue      whether a rescue server, which mounts the home elsewhere, may start nevertheless
    growth      whether another node may resolve it, which an autoscaler may add; `wait` then
                applies as long as it is not known whether there is an autoscaler
    """

    id: str
    signs: tuple[Sign, ...]
    user: str
    admin: str
    next: str
    wait: float = 0
    waiting: str = ""
    rescue: bool = False
    growth: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """A cause, and the fact by which it was recognized."""

    failure: Failure
    fact: Fact

    def user_message(self) -> str:
        return f"{self.failure.user} ({self.failure.id})"

    def waiting_message(self, seconds: float = 0) -> str:
        """Return the message while the server waits, for `seconds` at most if that is not 0."""
        message = self.failure.waiting or self.failure.user
        return f"{message} This can take up to {duration(seconds)}." if seconds else message

    def log_message(self) -> str:
        """Return the explanation for administrators, in three lines."""
        message = f"{self.fact.reason}: {self.fact.message}".strip(": ")
        failure = self.failure
        return f"{failure.id}: {failure.admin}\n  next step: {failure.next}\n  seen: {message}"


def duration(seconds: float) -> str:
    """Return a time in words, rounded up: `30 seconds`, `2 minutes`."""
    number, unit = (ceil(seconds), "second") if seconds <= 90 else (ceil(seconds / 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def find(catalogue: Iterable[Failure], facts: Sequence[Fact]) -> Diagnosis | None:
    """Return the first cause, in the order of the catalogue, with a sign that matches a fact."""
    for failure in catalogue:
        for fact in facts:
            if any(sign.matches(fact) for sign in failure.signs):
                return Diagnosis(failure, fact)
    return None


# The stages of a pod's start, by the reasons of its events. Events of one stage no longer matter
# once a later stage is reached.
_STAGES = (
    ("FailedScheduling", "TriggeredScaleUp", "NotTriggerScaleUp", "Nominated"),
    ("Scheduled",),
    ("FailedMount", "FailedAttachVolume", "SuccessfulAttachVolume"),
    ("FailedCreatePodSandBox",),
    ("Pulling", "Failed", "BackOff", "InspectFailed"),
    ("Pulled",),
    ("Created", "Started"),
)
_STAGE = {reason: number for number, reasons in enumerate(_STAGES) for reason in reasons}
# Events of the cluster autoscaler and of Karpenter. Only the latest matters, as it revokes the
# others.
AUTOSCALER = ("TriggeredScaleUp", "NotTriggerScaleUp", "Nominated")


def facts_of(pod: Pod | None, events: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """Return the facts of a pod (None if it does not exist yet) and its events, oldest first."""
    status = (pod or {}).get("status") or {}
    facts = []
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            why = condition.get("reason") or ""
            facts.append(Fact("unscheduled", why, condition.get("message") or ""))
    facts += _containers("init", status.get("initContainerStatuses") or [])
    facts += _containers("", status.get("containerStatuses") or [])
    if status.get("reason") or status.get("phase") == "Failed":
        facts.append(Fact("pod", status.get("reason") or "", status.get("message") or ""))
    return [*facts, *_events(events)]


def _events(events: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    reached = -1
    autoscaler_seen = False
    current = []
    for event in reversed(events):
        reason = event.get("reason") or ""
        stage = _STAGE.get(reason)
        if stage is not None and stage < reached:
            continue
        reached = max(reached, -1 if stage is None else stage)
        if reason in AUTOSCALER:
            if autoscaler_seen:
                continue
            autoscaler_seen = True
        current.append(Fact("event", reason, event.get("message") or ""))
    yield from reversed(current)


def _containers(place: str, statuses: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    for status in statuses:
        states = [status.get("state") or {}]
        if "waiting" in states[0]:  # once it runs again, its last state no longer matters
            states.append(status.get("lastState") or {})
        for state in states:
            if waiting := state.get("waiting"):
                yield Fact(
                    place or "waiting", waiting.get("reason") or "", waiting.get("message") or ""
                )
            ended = state.get("terminated")
            if ended and not (place == "init" and ended.get("exitCode") == 0):
                message = f"exit code {ended.get('exitCode')} {ended.get('message') or ''}".strip()
                yield Fact(place or "ended", ended.get("reason") or "", message)
