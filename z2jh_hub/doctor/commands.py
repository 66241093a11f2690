"""Commands that a finding recommends."""

from __future__ import annotations

import shlex

from .snapshot import Snapshot


def kubectl(snapshot: Snapshot, *words: str) -> str:
    """Return a kubectl command for the namespace, quoted for a shell."""
    return shlex.join(["kubectl", "-n", snapshot.namespace, *words])


def listed(names: list[str], limit: int = 5) -> str:
    """Return at most `limit` names in one line, and how many more there are."""
    more = len(names) - limit
    shown = ", ".join(names[:limit])
    return f"{shown} and {more} more" if more > 0 else shown
