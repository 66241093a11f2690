"""The secrets of the hub: each must have a form that JupyterHub accepts.

A message never holds the secret, nor a part of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import HIDDEN, Path, Problem
from ..placeholders import placeholder

if TYPE_CHECKING:
    from ..values import Values


@dataclass(frozen=True)
class Form:
    """What a secret must look like; `templates/_secrets.tpl` has the same rules."""

    expected: str
    accepts: Callable[[str], bool]


def _is_crypt_key(text: str) -> bool:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return True
    if re.fullmatch(r"[A-Za-z0-9_-]{43}=", text):
        return len(base64.urlsafe_b64decode(text)) == 32
    return len(text) == 32 and text.isascii()


COOKIE_SECRET = Form(
    "64 hexadecimal digits", lambda text: bool(re.fullmatch(r"\s*([0-9a-fA-F]{2}\s*)+", text))
)
CRYPT_KEY = Form("32 bytes, written as 64 hexadecimal digits or as base64", _is_crypt_key)
TOKEN = Form(
    "ASCII letters, digits and signs, without spaces",
    lambda text: bool(re.fullmatch(r"[!-~]+", text)),
)
# JupyterHub refuses shorter tokens
API_TOKEN = Form(
    "at least 8 ASCII letters, digits and signs, without spaces",
    lambda text: bool(re.fullmatch(r"[!-~]{8,}", text)),
)
FORMS: tuple[tuple[str, Form], ...] = (
    ("hub.config.JupyterHub.cookie_secret", COOKIE_SECRET),
    ("hub.config.CryptKeeper.keys", CRYPT_KEY),
    ("hub.config.ConfigurableHTTPProxy.auth_token", TOKEN),
)
HINT = "`openssl rand -hex 32` makes one; remove the key to have one generated"


def problems(values: Values) -> Iterator[Problem]:
    """Secrets that JupyterHub would refuse, and placeholders that were never replaced."""
    for path, text, form in _secrets(values):
        rest = placeholder(text)
        if rest or not form.accepts(text.strip()):
            yield values.problem(
                path,
                "the placeholder of an example is still here" if rest else "malformed secret",
                given=HIDDEN,
                expected=form.expected,
                hint=HINT,
                rule="placeholder" if rest else "value",
            )


def _secrets(values: Values) -> Iterator[tuple[Path, str, Form]]:
    for key, form in FORMS:
        path = tuple(key.split("."))
        given = values.get(path)
        if isinstance(given, list):
            yield from (((*path, str(i)), text, form) for i, text in _texts(given))
        else:
            text = values.secret(key) or given
            parts = text.split(";") if isinstance(text, str) and form is CRYPT_KEY else [text]
            yield from ((path, part, form) for _, part in _texts(parts))
    services = values.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        for field in ("apiToken", "api_token") if isinstance(service, dict) else ():
            for _, text in _texts([service.get(field)]):
                yield ("hub", "services", name, field), text, API_TOKEN


def _texts(items: list[Any]) -> Iterator[tuple[int, str]]:
    """Texts that are not empty, which stands for unset."""
    for index, item in enumerate(items):
        if isinstance(item, str) and item.strip():
            yield index, item
