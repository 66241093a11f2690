"""Recognize why a pod does not run, with the catalogue of failed starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..failures import Diagnosis, Fact, facts_of, find
from ..failures.catalogue import CATALOGUE
from .snapshot import Object, Snapshot, event_time, name_of, status_of

# seconds that a pod may take before its waiting is reported
GRACE = 30.0
# reason and message of a pod's last event → place and reason of the fact
_LAST_STATES = (
    ("FailedScheduling", "", "unscheduled", "Unschedulable"),
    ("Failed|BackOff", "pull", "waiting", "ErrImagePull"),
    ("BackOff", "restarting", "waiting", "CrashLoopBackOff"),
)


def is_ready(pod: Object) -> bool:
    """Return whether a pod has the condition Ready."""
    return _condition(pod, "Ready") == "True"


def is_over(pod: Object) -> bool:
    """Return whether a pod is finished or being deleted."""
    deleted = "deletionTimestamp" in pod["metadata"]
    return deleted or status_of(pod).get("phase") == "Succeeded"


def has_node(pod: Object) -> bool:
    """Return whether the scheduler has placed a pod."""
    return _condition(pod, "PodScheduled") != "False"


def _condition(pod: Object, kind: str) -> str:
    conditions = status_of(pod).get("conditions") or ()
    return next((str(c.get("status")) for c in conditions if c.get("type") == kind), "")


def diagnose(snapshot: Snapshot, pod: Object) -> Diagnosis | None:
    """Return the cause for which a pod does not run, or None if none is known."""
    return find(CATALOGUE, facts_of(pod, _of_this_pod(snapshot, pod)))


def diagnose_deleted(events: Sequence[Object]) -> Diagnosis | None:
    """Return the cause for which a pod that no longer exists did not run, from its events."""
    return find(CATALOGUE, [*facts_of(None, events), *_last_state(events[-1])])


def _last_state(event: Object) -> Iterator[Fact]:
    """Yield the state in which a pod was last, as its status would have stated it."""
    reason, message = event.get("reason") or "", event.get("message") or ""
    for event_reason, pattern, place, state in _LAST_STATES:
        if re.fullmatch(event_reason, reason) and re.search(pattern, message, re.IGNORECASE):
            yield Fact(place, state, message)


def _of_this_pod(snapshot: Snapshot, pod: Object) -> list[Object]:
    """Return the events of a pod, without those of an earlier pod of the same name."""
    uid = pod["metadata"].get("uid")
    events = snapshot.events("Pod", name_of(pod))
    return [e for e in events if (e.get("involvedObject") or {}).get("uid") in (uid, None, "")]


def last_time(events: Sequence[Object]) -> str:
    """Return the time of the last event in `events`, which are sorted."""
    return event_time(events[-1]) if events else ""
