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

# key of the checksum of a release's images, in its ConfigMap `hub`
CHECKSUM_KEY = "checksum_hook-image-puller"


@dataclass(frozen=True)
class Progress:
    """Progress of pulling: `ready` of `desired` nodes have all images.

    `problems` are warnings about the pods. `desired` is None until Kubernetes has counted the
    nodes.
    """

    ready: int
    desired: int | None
    problems: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.desired is not None and self.ready >= self.desired

    def __str__(self) -> str:
        if self.desired is None:
            return "Kubernetes has not counted the nodes yet"
        problems = "".join(f"\n  {problem}" for problem in self.problems)
        return f"{self.ready} of {self.desired} nodes have the images{problems}"


async def wait(
    kubernetes: Kubernetes,
    name: str,
    timeout: float,
    scheduling: float,
    report: Callable[[Progress], None],
    poll: float = POLL_SECONDS,
) -> Progress:
    """Wait until every node of the DaemonSet `name` has its images.

    Pods that are still unschedulable after `scheduling` seconds are ignored, unless it is
    negative. `timeout` is in seconds; 0 means no limit. `report` is called with each change.
    Raises ChoreError after the timeout.
    """
    start = time.monotonic()
    reported: Progress | None = None
    while True:
        elapsed = time.monotonic() - start
        wait_for_all = scheduling < 0 or elapsed < scheduling
        progress = await _progress(kubernetes, name, wait_for_all)
        if progress != reported:
            report(progress)
            reported = progress
        if progress.done:
            return progress
        if timeout and elapsed >= timeout:
            raise ChoreError(f"timeout after {timeout:g} s: {progress}")
        await asyncio.sleep(poll)


async def unchanged(kubernetes: Kubernetes, config_map: str, checksum: str) -> bool:
    """Return whether `config_map` of the last release has the `checksum` of these images."""
    path = f"/api/v1/namespaces/{kubernetes.namespace}/configmaps/{config_map}"
    existing = await kubernetes.find(path) or {}
    return (existing.get("data") or {}).get(CHECKSUM_KEY) == checksum


async def _progress(kubernetes: Kubernetes, name: str, wait_for_all: bool) -> Progress:
    path = f"/apis/apps/v1/namespaces/{kubernetes.namespace}/daemonsets/{name}"
    daemon_set = await kubernetes.get(path)
    status = daemon_set.get("status") or {}
    if status.get("observedGeneration", 0) < daemon_set["metadata"].get("generation", 1):
        return Progress(0, None)  # the DaemonSet controller has not seen this version yet
    desired, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
    if ready >= desired:
        return Progress(ready, desired)
    events = await _events(kubernetes, name)
    unplaced = {e["pod"] for e in events if e["reason"] == "FailedScheduling"}
    placed = {e["pod"] for e in events if e["reason"] in ("Scheduled", "Pulling", "Pulled")}
    # deleted pods have events too, so there are at least as many nodes as are ready
    if not wait_for_all:
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
