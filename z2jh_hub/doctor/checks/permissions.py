"""Report permissions that the hub lacks, as the end of its log states them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Finding
from ..snapshot import Snapshot

# Kubernetes' message, also as quoted JSON, and that of the hub's watch of pods
_FORBIDDEN = re.compile(
    r'User \\*"system:serviceaccount:[^"\\]+\\*" cannot (\w+) resource \\*"([\w./-]+)'
    r"|the hub cannot (\w+) (\w+): Forbidden"
)


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for pod, log in snapshot.logs.items():
        if refusals := list(_FORBIDDEN.finditer(log)):
            lacking = sorted({" ".join(filter(None, match.groups())) for match in refusals})
            yield Finding(
                "hub-without-permission",
                "error",
                f"Pod/{pod}",
                f"the hub may not {', '.join(lacking)}",
                "The hub cannot start servers, or cannot see whether they run.",
                "Set rbac.create: true and hub.serviceAccount.create: true, and run helm upgrade, "
                "or grant these permissions to the account.",
                (f"log: {refusals[-1][0]}",),
            )


def explains(log: str) -> bool:
    """Return whether the log of a hub that is not ready names a missing permission."""
    return bool(_FORBIDDEN.search(log))
