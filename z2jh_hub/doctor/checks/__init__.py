"""The checks: in each module, `findings(snapshot)` yields what is wrong with its subject."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..snapshot import Snapshot
from . import (
    addresses,
    claims,
    ending,
    endpoints,
    failed_starts,
    jobs,
    nodes,
    owners,
    permissions,
    pod_security,
    quotas,
    restarts,
    room,
    tls,
    tokens,
    versions,
    workloads,
)

# in the order of the report: causes before their consequences
CHECKS = (
    versions, claims, quotas, pod_security, tokens, permissions, workloads, ending, jobs, restarts,
    endpoints, addresses, tls, failed_starts, nodes, room, owners,
)  # fmt: skip


def examine(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield everything that is wrong with a release."""
    for check in CHECKS:
        yield from check.findings(snapshot)
