"""Report nodes that do not work, or have no room on their disks."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, status_of

PRESSURE = ("MemoryPressure", "DiskPressure", "PIDPressure")


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for node in snapshot.of("nodes"):
        conditions = {c.get("type"): c for c in status_of(node).get("conditions") or ()}
        ready = conditions.get("Ready")
        if ready and ready.get("status") != "True":
            yield _finding(
                node, "node-not-ready", "the node is not ready", ready,
                "Its servers may be out of reach, and no server can start there.",
            )  # fmt: skip
            continue
        for kind in PRESSURE:
            if (condition := conditions.get(kind)) and condition.get("status") == "True":
                yield _finding(
                    node, "node-pressure", f"the node reports {kind}", condition,
                    "The node evicts servers, and accepts no new ones.",
                )  # fmt: skip


def _finding(node: Object, kind: str, message: str, why: Object, consequence: str) -> Finding:
    return Finding(
        kind, "warning", f"Node/{name_of(node)}", message, consequence,
        f"kubectl describe node {name_of(node)}",
        (f"{why.get('reason')}: {why.get('message')}",),
    )  # fmt: skip
