"""Report pods that do not end after they were deleted, for example because their node is gone."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Severity
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, spec_of
from . import core

# seconds after the end of the grace period, which `deletionTimestamp` contains
GRACE = 120.0


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for pod, component, part in core.pods(snapshot):
        if is_stuck(snapshot, pod):
            yield _finding(snapshot, pod, component, part.consequence, "error")
    for pod in snapshot.user_pods():
        if is_stuck(snapshot, pod):
            consequence = "The user cannot start the server again."
            yield _finding(snapshot, pod, "a user server", consequence, "warning")


def is_stuck(snapshot: Snapshot, pod: Object) -> bool:
    """Return whether a pod should have ended."""
    deleted = pod["metadata"].get("deletionTimestamp")
    return bool(deleted) and snapshot.seconds_since(deleted) > GRACE


def _finding(
    snapshot: Snapshot, pod: Object, component: str, consequence: str, severity: Severity
) -> Finding:
    name = name_of(pod)
    return Finding(
        "pod-does-not-end",
        severity,
        f"Pod/{name}",
        f"{component}: the pod was deleted, and does not end",
        consequence,
        "Check its node. Only if the node is gone: "
        + kubectl(snapshot, "delete", "pod", name, "--force", "--grace-period=0"),
        (f"deleted {pod['metadata']['deletionTimestamp']}, on the node "
         f"{spec_of(pod).get('nodeName')}",),
    )  # fmt: skip
