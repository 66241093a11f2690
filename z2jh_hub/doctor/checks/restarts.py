"""Report containers that run now, but were restarted because of an error."""

from __future__ import annotations

from collections.abc import Iterator

from ..causes import is_over, is_ready
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, status_of
from . import core

RECENT = 24 * 3600.0  # seconds
# a container may be restarted once or twice for reasons outside of the release, such as a node
# that starts
TOLERATED = 2


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for pod, component, part in core.pods(snapshot):
        if not is_ready(pod) or is_over(pod):
            continue
        for status in status_of(pod).get("containerStatuses") or ():
            last = (status.get("lastState") or {}).get("terminated") or {}
            if snapshot.seconds_since(last.get("finishedAt")) > RECENT:
                continue
            if last.get("reason") == "OOMKilled":
                yield _out_of_memory(pod, component, part, status, last)
            elif last.get("exitCode") and int(status.get("restartCount") or 0) > TOLERATED:
                yield _restarted(snapshot, pod, component, status, last)


def _out_of_memory(
    pod: Object, component: str, part: core.Part, status: Object, last: Object
) -> Finding:
    return Finding(
        "restarted-out-of-memory",
        "warning",
        f"Pod/{name_of(pod)}",
        f"{component}: a container was killed because it exceeded its memory limit",
        f"While it restarts: {part.consequence}",
        f"Raise {part.resources}.limits.memory.",
        (_evidence(status, last),),
    )


def _restarted(
    snapshot: Snapshot, pod: Object, component: str, status: Object, last: Object
) -> Finding:
    name = str(status.get("name"))
    return Finding(
        "restarted",
        "warning",
        f"Pod/{name_of(pod)}",
        f"{component}: a container was restarted repeatedly because of an error",
        f"While it restarts: {core.PARTS[component].consequence}",
        "Correct what the log names: "
        + kubectl(snapshot, "logs", name_of(pod), "--container", name, "--previous"),
        (_evidence(status, last),),
    )


def _evidence(status: Object, last: Object) -> str:
    return (
        f"container {status.get('name')}: restarted {status.get('restartCount')} times, last at "
        f"{last.get('finishedAt')} because of {last.get('reason')}, exit code "
        f"{last.get('exitCode')}"
    )
