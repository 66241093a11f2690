"""Decide by its name whether a value is a secret."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# parts that mark a secret anywhere in a name
_ANYWHERE = re.compile(
    r"passw(or)?[dt]|pasword|passphrase|passcode|secret(?!ar)|token(?!i[sz])|credential|apikey|accesskey"
    r"|privatekey|accountkey|connectionstring|connstr|htpasswd|dockerconfigjson|keytab"
)
# words that mark a secret at the end of a name
_LAST = frozenset(
    {"pass", "pwd", "pw", "psk", "pat", "pin", "dsn", "sas", "jwt", "otp", "cred", "creds", "hmac",
     "salt", "cookie", "cookies", "key", "keys", "consumers", "auth_header"}
)  # fmt: skip
_LAST_ENDS = re.compile(r"(?<!by)(?<!com)(?<!over)(?<!under)(?<!tres)pass$|pwd$|.(?<!p)keys?$")
# words that end in "key", and keys that are not secret
_NO_KEYS = frozenset(
    {"monkey", "turkey", "hotkey", "hotkeys", "monkeys", "whiskey", "donkey", "jockey"}
)
_PUBLIC_KEY = re.compile(
    r"(public|topology|sort|partition|foreign|primary|group|groups|username|user|claim|state|match"
    r"|label|index|map|cache|dict|lookup|host|routing|object|bucket|config|setting|id)keys?$"
)
# last words of names that describe a secret but do not hold one
_ABOUT = frozenset(
    {"url", "uri", "endpoint", "path", "paths", "file", "files", "filename", "dir", "directory",
     "name", "names", "size", "length", "len", "type", "kind", "expiry", "expires", "expiration",
     "ttl", "timeout", "lifetime", "age", "days", "hours", "minutes", "seconds", "enabled",
     "required", "count", "limit", "policy", "algorithm", "alg", "method", "scope", "scopes",
     "audience", "issuer", "prefix", "template", "ref", "claim", "namespace", "interval", "factory",
     "class", "version"}
)  # fmt: skip
_ABOUT_ENDS = re.compile(r"(url|uri|name|filename|file|path|endpoint|expiry|ttl|size|length)$")
# keys that hold the names of Kubernetes Secrets
_NAMES_OF_SECRETS = frozenset(
    {"existingsecret", "imagepullsecrets", "pullsecrets", "automountserviceaccounttoken"}
)
_AMOUNTS = frozenset({"max", "min", "num"})


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether a key, variable or option of this name holds a secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    if not words or words[0] in _AMOUNTS:
        return False
    last, whole = words[-1], "".join(words)
    if whole in _NAMES_OF_SECRETS:
        return False
    if last in _ABOUT or (_ANYWHERE.search(last) and _ABOUT_ENDS.search(last)):
        return False
    if _ANYWHERE.search(whole):
        return True
    if last in _NO_KEYS or _PUBLIC_KEY.search(whole):
        return False
    return last in _LAST or bool(_LAST_ENDS.search(last))
