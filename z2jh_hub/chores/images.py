"""Wait until the pods of a DaemonSet, which pull images, are ready on every node."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import ChoreError
from .kubernetes import Kubernetes

POLL_SECONDS = 2.0

# where a release leaves the checksum of its images, in its ConfigMap `hub`
CHECKSUM_KEY = "checksum_hook-image-puller"


@dataclass(frozen=True)
class Progress:
    """The progress: `ready` of `desired` nodes have all images; `problems` are those of the pods.

    `desired` is None until Kubernetes has counted.
    """

    ready: int
    desired: int | None
    problems: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.desired is not None and self.ready >= self.desired

    def __str__(self) -> str:
        if self.desired is None:
            return "the nodes are not counted yet"
        complaints = "".join(f"\n  {problem}" for problem in self.problems)
        return f"{self.ready} of {self.desired} nodes have the images{complaints}"


async def wait(
    kubernetes: Kubernetes,
    name: str,
    timeout: float,
    scheduling: float,
    tell: Callable[[Progress], None],
    poll: float = POLL_SECONDS,
) -> Progress:
    """Wait until every node where the DaemonSet `name` runs has its images.

    A pod that no node has room for after `scheduling` seconds is not waited for any longer;
    negative: it is. `timeout` is for all of it, in seconds; 0: none. `tell` hears of changes.
    Raises ChoreError when the time is over.
    """
    start = time.monotonic()
    told: Progress | None = None
    while True:
        elapsed = time.monotonic() - start
        progress = await _look(kubernetes, name, patient=scheduling < 0 or elapsed < scheduling)
        if progress != told:
            tell(progress)
            told = progress
        if progress.done:
            return progress
        if timeout and elapsed >= timeout:
            raise ChoreError(f"the time is over, and {progress}")
        await asyncio.sleep(poll)


async def unchanged(kubernetes: Kubernetes, config_map: str, checksum: str) -> bool:
    """Whether `config_map` of the last release contains `checksum`, that of the images."""
    path = f"/api/v1/namespaces/{kubernetes.namespace}/configmaps/{config_map}"
    found = await kubernetes.find(path) or {}
    return (found.get("data") or {}).get(CHECKSUM_KEY) == checksum


async def _look(kubernetes: Kubernetes, name: str, patient: bool) -> Progress:
    path = f"/apis/apps/v1/namespaces/{kubernetes.namespace}/daemonsets/{name}"
    daemon_set = await kubernetes.get(path)
    status = daemon_set.get("status") or {}
    if status.get("observedGeneration", 0) < daemon_set["metadata"].get("generation", 1):
        return Progress(0, None)  # its controller has not counted the nodes yet
    desired, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
    if ready >= desired:
        return Progress(ready, desired)
    events = await _events(kubernetes, name)
    unplaced = {e["pod"] for e in events if e["reason"] == "FailedScheduling"}
    placed = {e["pod"] for e in events if e["reason"] in ("Scheduled", "Pulling", "Pulled")}
    # a pod that was deleted has events too: never fewer nodes than are ready
    if not patient:
        desired = max(ready, desired - len(unplaced - placed))
    problems = {f"{e['pod']}: {e['message']}" for e in events if e["type"] == "Warning"}
    return Progress(ready, desired, tuple(sorted(problems)))


async def _events(kubernetes: Kubernetes, name: str) -> list[dict[str, Any]]:
    """Return the events of the DaemonSet's pods. Unlike pods, events contain no environment."""
    listed = await kubernetes.get(
        f"/api/v1/namespaces/{kubernetes.namespace}/events",
        fieldSelector="involvedObject.kind=Pod",
    )
    return [
        {
            "pod": event["involvedObject"]["name"],
            "reason": event.get("reason") or "",
            "type": event.get("type") or "",
            "message": event.get("message") or "",
        }
        for event in listed.get("items") or []
        if event["involvedObject"]["name"].rpartition("-")[0] == name
    ]
