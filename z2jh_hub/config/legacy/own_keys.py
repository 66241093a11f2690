"""This project's own keys, which stood in `custom` in 0.1: `custom` is the administrator's.

`custom.quotas` is moved only where it looks like quotas. What an administrator keeps there under
the same name (also as `hub.extraConfigMap.quotas`) stays theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..errors import MISSING
from ..suggestions import closest
from .rewriting import Rewriting

# the keys of an entry; a test holds them to the sections
QUOTA = ("users", "groups", "servers", "hoursPerWeek", "profiles")
FAILURE = ("user", "admin", "next", "waiting", "wait", "rescue", "signs")
RESCUE = ("enabled", "mountPath", "image", "memory", "cpu")


def rewrite(r: Rewriting) -> None:
    """Move the three keys. To be called before `hub.extraConfigMap` is put into `custom`."""
    for name, is_ours, known in (
        ("quotas", _holds_entries, QUOTA),
        ("failures", _holds_entries, FAILURE),
        ("rescue", _is_entry, RESCUE),
    ):
        old, new = f"custom.{name}", f"hub.{name}"
        given = r.get(old)
        if given is MISSING or not is_ours(given, known):
            continue
        r.take(old)
        r.say(old, f"`{old}` is deprecated; use `{new}`", hint=f"today: {new}")
        r.put(new, given, old)


def _holds_entries(given: Any, known: Collection[str]) -> bool:
    """Whether all entries are mappings (or null), and one has a known key or nearly one."""
    if not isinstance(given, dict):
        return False
    entries = [entry for entry in given.values() if entry is not None]
    return all(isinstance(entry, dict) for entry in entries) and any(
        _is_entry(entry, known) for entry in entries
    )


def _is_entry(given: Any, known: Collection[str]) -> bool:
    return isinstance(given, dict) and any(
        closest(str(key), known, similarity=0.8) for key in given
    )
