"""The keys `custom.quotas`, `custom.failures` and `custom.rescue` of this chart's release 0.1.

A key is moved only if its value looks like this project's. Values that an administrator keeps under
the same name, also in `hub.extraConfigMap`, are unchanged.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..errors import MISSING
from ..suggestions import closest
from .rewriting import Rewriting

# the keys of an entry; a test compares them with the sections
QUOTA = ("users", "groups", "servers", "hoursPerWeek", "profiles")
FAILURE = ("user", "admin", "next", "waiting", "wait", "rescue", "signs")
RESCUE = ("enabled", "mountPath", "image", "memory", "cpu")


def rewrite(r: Rewriting) -> None:
    """Move the three keys. Call this before `hub.extraConfigMap` is moved to `custom`."""
    for name, is_ours, known in (
        ("quotas", _holds_entries, QUOTA),
        ("failures", _holds_entries, FAILURE),
        ("rescue", _is_entry, RESCUE),
    ):
        old, new = f"custom.{name}", f"hub.{name}"
        value = r.get(old)
        if value is MISSING or not is_ours(value, known):
            continue
        r.take(old)
        r.report(old, f"`{old}` is deprecated; use `{new}`")
        r.put(new, value, old)


def _holds_entries(value: Any, known: Collection[str]) -> bool:
    """Whether all entries are mappings or null, and one has a known or misspelled key."""
    if not isinstance(value, dict):
        return False
    entries = [entry for entry in value.values() if entry is not None]
    return all(isinstance(entry, dict) for entry in entries) and any(
        _is_entry(entry, known) for entry in entries
    )


def _is_entry(value: Any, known: Collection[str]) -> bool:
    return isinstance(value, dict) and any(
        closest(str(key), known, similarity=0.8) for key in value
    )
