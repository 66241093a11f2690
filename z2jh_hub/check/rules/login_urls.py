"""Report addresses of identity providers that cannot be used, or not with the configured scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...config.errors import MISSING, Problem
from ...config.values import Values
from .. import queries

GENERIC = "GenericOAuthenticator"
TRAITS = ("authorize_url", "token_url", "userdata_url", "oauth_callback_url")
_HOST = re.compile(r"[\w.-]+\.[\w-]+(:\d+)?(/.*)?|localhost(:\d+)?(/.*)?", re.ASCII)


def findings(values: Values) -> Iterator[Problem]:
    """Yield addresses that neither a browser nor the hub can use, and scopes without openid."""
    yield from _scopes(values)
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


def _scopes(values: Values) -> Iterator[Problem]:
    """Yield OpenID Connect logins without the scope that the provider's userinfo page requires."""
    config = queries.mapping(values, "hub.config")
    section = queries.as_mapping(config.get(GENERIC))
    url = section.get("userdata_url")
    scope = section.get("scope", queries.as_mapping(config.get("OAuthenticator")).get("scope"))
    if not isinstance(url, str) or not url.rstrip("/").endswith("/userinfo"):
        return
    if "openid" in (scope or ()) or _sets_scope(values):
        return
    yield values.problem(
        ("hub", "config", GENERIC, "scope" if "scope" in section else "userdata_url"),
        "providers of OpenID Connect refuse to say who the user is without the scope openid, so "
        "nobody can log in",
        given=scope if scope else MISSING, expected="scope: [openid, profile, email]",
        rule="openid-scope", severity="warning",
    )  # fmt: skip


def _sets_scope(values: Values) -> bool:
    """Return whether Python in the values may set the scope."""
    return ".scope" in str(values.get("hub.extraConfig"))
