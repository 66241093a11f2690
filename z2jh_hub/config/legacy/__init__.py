"""Keys of the 2018 guide (charts 0.4 to 0.11), read as today's.

`rewriting` takes old keys out of the values and puts what they mean into today's; `table`
holds those that have but got another name, one row a key; `auth` reads `auth.*`, and
`exceptions` what else needs more than a new name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import auth, exceptions, images, ingress, own_keys, table
from .rewriting import Modernised, Rewriting

__all__ = ["Modernised", "modernise"]


def modernise(data: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> Modernised:
    """`data` with every key of 2018 replaced by what it means today.

    `given` is what the administrator's files alone hold, where they are at hand;
    without it, given means different from the chart's default. Neither is changed.
    """
    rewriting = Rewriting(data, given)
    own_keys.rewrite(rewriting)
    exceptions.extra_config(rewriting)
    auth.rewrite(rewriting)
    for move in table.MOVES:
        rewriting.move(move.old, move.new)
    for old, today in table.IGNORED:
        rewriting.ignore(old, today)
    images.rewrite(rewriting)
    ingress.rewrite(rewriting)
    exceptions.rewrite(rewriting)
    auth.say_left_over(rewriting)
    return rewriting.result()
