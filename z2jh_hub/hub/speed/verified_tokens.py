"""Verify a token against the same stored hash once, not on each request.

Replaces `compare_token` where JupyterHub looks for the token of a request. Its result depends on
nothing but the stored hash and the token, and the tokens of services take 16,384 rounds. This lever
remembers matches, never failures, under a keyed hash of both; the key is random and
leaves the process no more than the tokens do. A revoked or expired token has no row in the
database, or one that JupyterHub does not select, and is therefore not compared at all.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict

from .originals import Original

REPLACES = (
    Original("jupyterhub.utils", "compare_token", "8b6bdff5dadf"),
    Original("jupyterhub.orm:Hashed", "match", "e9a5777dfa17"),
)

KEPT = 4096  # matches

_key = secrets.token_bytes(32)
_matches: OrderedDict[bytes, None] = OrderedDict()


def install() -> None:
    """Remember which tokens match which stored hashes."""
    from jupyterhub import orm
    from jupyterhub.utils import _TOKEN_MAX_LEN, compare_token

    def compare(stored: str, token: str) -> bool:
        if len(token) > _TOKEN_MAX_LEN or ":1:" in stored:
            return bool(compare_token(stored, token))  # as cheap as looking it up
        text = f"{len(stored)}:{stored}{token}".encode("utf8", "replace")
        key = hashlib.blake2b(text, key=_key, digest_size=32).digest()
        if key in _matches:
            _matches.move_to_end(key)
            return True
        if not compare_token(stored, token):
            return False
        _matches[key] = None
        while len(_matches) > KEPT:
            _matches.popitem(last=False)
        return True

    orm.compare_token = compare
