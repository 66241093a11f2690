"""Hash the generated OAuth client secret of a server once, as JupyterHub hashes its token.

Replaces `hash_token` where JupyterHub stores the secret of an OAuth client. The secret of a user
server is its API token, which JupyterHub has just generated (122 random bits). JupyterHub stores
that very token in `api_tokens` with one round of SHA-512 and a salt (`Hashed.generated_rounds`),
because rounds only slow down guessing, and nobody guesses 122 random bits. 16,384 rounds for the
second copy in the same database protect nothing. A secret that was not generated in this process,
such as a token in the values, still gets all rounds. Stored hashes contain their number of rounds,
so every existing one stays valid, also without this lever.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

from .originals import Original

REPLACES = (
    Original("jupyterhub.oauth.provider:JupyterHubOAuthServer", "add_client", "eb22037d2a25"),
    Original("jupyterhub.utils", "hash_token", "c4651ca3c9d9"),
    Original("jupyterhub.utils", "new_token", "4dc95f47db17"),
    Original("jupyterhub.orm:APIToken", "new", "85032d321043"),
)

KEPT = 10_000  # generated tokens of which the client has not been stored yet

_generated: OrderedDict[bytes, None] = OrderedDict()


def install() -> None:
    """Remember which tokens JupyterHub generates, and store those as secrets with one round."""
    from jupyterhub import orm
    from jupyterhub.oauth import provider
    from jupyterhub.utils import hash_token, new_token

    def new_known_token(*args: Any, **options: Any) -> str:
        token: str = new_token(*args, **options)
        _generated[_key(token)] = None
        while len(_generated) > KEPT:
            _generated.popitem(last=False)
        return token

    def hash_secret(secret: str) -> str:
        generated = _generated.pop(_key(secret), False) is None
        rounds = {"rounds": orm.Hashed.generated_rounds} if generated else {}
        hashed: str = hash_token(secret, **rounds)
        return hashed

    orm.new_token = new_known_token
    provider.hash_token = hash_secret


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf8", "replace")).digest()
