"""Report that no further user server fits on the nodes."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..headroom import headroom
from ..snapshot import Snapshot


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    room = headroom(snapshot)
    if room is None or room.servers:
        return
    yield Finding(
        "no-room",
        "note",
        "Node",
        f"no further server fits on the {room.nodes} node(s) where user servers may run",
        "The next server waits until another one stops or the cluster autoscaler adds a node.",
        "Add nodes, lower singleuser.memory.guarantee or singleuser.cpu.guarantee, or reserve room "
        "with scheduling.userPlaceholder.replicas.",
        (f"a server requests {room.request}",),
    )
