"""Report the causes of user servers that failed to start, from their pods and events.

Kubernetes keeps events for an hour by default. Events of pods that no longer exist have no labels:
those whose names start with `jupyter-`, KubeSpawner's default, are regarded as user servers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from ...failures import Diagnosis
from ..causes import GRACE, diagnose, diagnose_deleted, is_over, is_ready, last_time
from ..commands import listed
from ..findings import Finding
from ..snapshot import Snapshot, name_of
from . import claims

PREFIX = "jupyter-"


class _Failed(NamedTuple):
    pod: str
    cause: Diagnosis
    time: str


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    by_cause: defaultdict[str, list[_Failed]] = defaultdict(list)
    for each in (*_existing(snapshot), *_deleted(snapshot)):
        by_cause[each.cause.failure.id].append(each)
    for group in sorted(by_cause.values(), key=len, reverse=True):
        yield _finding(group)


def _existing(snapshot: Snapshot) -> Iterator[_Failed]:
    for pod in snapshot.user_pods():
        if is_ready(pod) or is_over(pod) or claims.explains(snapshot, pod):
            continue
        cause = diagnose(snapshot, pod)
        if cause and snapshot.age(pod) > max(GRACE, cause.failure.wait):
            events = snapshot.events("Pod", name_of(pod))
            yield _Failed(name_of(pod), cause, last_time(events))


def _deleted(snapshot: Snapshot) -> Iterator[_Failed]:
    if not snapshot.knows("pods"):
        return
    for name in snapshot.pods_with_events():
        if name.startswith(PREFIX) and not snapshot.named("pods", name):
            events = snapshot.events("Pod", name)
            if cause := diagnose_deleted(events):
                yield _Failed(name, cause, last_time(events))


def _finding(group: list[_Failed]) -> Finding:
    last = max(group, key=lambda each: each.time)
    failure, fact = last.cause.failure, last.cause.fact
    number = "1 server" if len(group) == 1 else f"{len(group)} servers"
    return Finding(
        "failed-starts",
        "warning",
        f"Pod/{last.pod}",
        f"{number} did not start ({failure.id}): {failure.admin.rstrip('.')}",
        f"Users see: {failure.user}",
        failure.next,
        (
            f"last at {last.time or 'an unknown time'}: {fact.reason}: {fact.message}",
            f"pods: {listed(sorted(each.pod for each in group))}",
        ),
    )
