"""Translate deprecated keys, those of charts 0.4 to 0.11, to current keys.

rewriting   moves values from deprecated to current keys and reports problems
table       keys that were only renamed, one row per key, and keys that are ignored
auth        `auth.*`
images, ingress, own_keys, exceptions   keys that need more than a new name
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import auth, exceptions, images, ingress, own_keys, table
from .rewriting import Modernised, Rewriting

__all__ = ["Modernised", "modernise"]


def modernise(data: Mapping[str, Any], explicit: Mapping[str, Any] | None = None) -> Modernised:
    """Return `data` with every deprecated key replaced by the current keys.

    `explicit` is the content of the administrator's files, without the chart's defaults. Without
    it, a value counts as set by the administrator if it differs from the default. Neither
    argument is modified.
    """
    rewriting = Rewriting(data, explicit)
    own_keys.rewrite(rewriting)
    exceptions.extra_config(rewriting)
    auth.rewrite(rewriting)
    for move in table.MOVES:
        rewriting.move(move.old, move.new)
    for old, replacement in table.IGNORED:
        rewriting.ignore(old, replacement)
    images.rewrite(rewriting)
    ingress.rewrite(rewriting)
    exceptions.rewrite(rewriting)
    auth.report_unknown_keys(rewriting)
    return rewriting.result()
