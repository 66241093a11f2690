"""Recognise text that an example left to be replaced: `<hostname>`, `YOUR-ID`, `change-me`."""

from __future__ import annotations

import re

# Go's templates use the same expressions, so they have no look-around; the group is the placeholder
PLACEHOLDERS = (
    # <hostname>, <output of `openssl rand -hex 32`>
    r"(<[A-Za-z][^<>\n]*>)",
    # YOUR-CLIENT-ID, your_domain, https://your-domain.example
    r"(?:^|[^A-Za-z0-9])((?:YOUR|your|Your)[-_][A-Za-z0-9][A-Za-z0-9_-]*)",
    r"(?i)\b((?:change|replace)[-_]?(?:me|this))\b",
)
_HTML = re.compile(r"</\w|/>|<(?:a|b|br|em|hr|i|p|span|strong)\b", re.IGNORECASE)
# reserved for documentation; a certificate authority refuses it
_EXAMPLE_HOST = re.compile(r"(?:.*[.@])?example\.com", re.IGNORECASE)


def placeholder(text: str) -> str:
    """The placeholder that `text` still holds; empty where it holds none."""
    if "\n" in text.strip() or _HTML.search(text):
        return ""
    matches = (re.search(pattern, text) for pattern in PLACEHOLDERS)
    return next((match[1] for match in matches if match), "")


def is_example_host(name: str) -> bool:
    """Whether a host name, or the host of an address, is that of the documentation."""
    return bool(_EXAMPLE_HOST.fullmatch(name.strip()))
