"""Report permissions that the hub lacks, as its log states them while it is not ready."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Finding
from ..snapshot import Snapshot

# Kubernetes' message, also as quoted JSON
_FORBIDDEN = re.compile(
    r'User \\*"(?P<account>system:serviceaccount:[^"\\]+)\\*" cannot '
    r'(?P<verb>\w+) resource \\*"(?P<resource>[\w./-]+)'
)


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for pod, log in snapshot.logs.items():
        refusals = list(_FORBIDDEN.finditer(log))
        if refusals:
            lacking = sorted({f"{match['verb']} {match['resource']}" for match in refusals})
            yield Finding(
                "hub-without-permission",
                "error",
                f"Pod/{pod}",
                f"the hub may not {', '.join(lacking)}",
                "The hub cannot start or find servers, so it does not become ready.",
                "Set rbac.create: true and hub.serviceAccount.create: true, and run helm upgrade, "
                "or grant these permissions to the account.",
                (f"account: {refusals[-1]['account']}",),
            )


def explains(log: str) -> bool:
    """Return whether the log of a hub that is not ready names a missing permission."""
    return bool(_FORBIDDEN.search(log))
