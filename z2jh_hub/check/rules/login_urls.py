"""Report addresses of identity providers without http:// or https://."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...config.errors import Problem
from ...config.values import Values
from .. import queries

TRAITS = ("authorize_url", "token_url", "userdata_url", "oauth_callback_url")
_HOST = re.compile(r"[\w.-]+\.[\w-]+(:\d+)?(/.*)?|localhost(:\d+)?(/.*)?", re.ASCII)


def findings(values: Values) -> Iterator[Problem]:
    """Yield addresses that neither a browser nor the hub can use."""
    for name, section in queries.mapping(values, "hub.config").items():
        for trait in TRAITS:
            url = queries.as_mapping(section).get(trait)
            if isinstance(url, str) and (right := corrected(url)) is not None:
                yield values.problem(
                    ("hub", "config", name, trait),
                    "this is not the address of a web page, so nobody can log in",
                    given=url, expected=right or "an address such as https://idp.example.org/path",
                    rule="login-url",
                )  # fmt: skip


def corrected(url: str) -> str | None:
    """Return what `url` was probably meant to be, or an empty text; None if it is an address."""
    if not url or "{" in url or "<" in url:
        return None  # a placeholder
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.netloc:
        return None
    rest = re.sub(r"^\w+:/*", "", url) if re.match(r"\w+:/", url) else url.lstrip("/")
    return f"https://{rest}" if _HOST.fullmatch(rest) else ""
