"""Validate the format of the hub's secrets.

Messages never contain a secret or a part of one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...masking import HIDDEN
from ..errors import Path, Problem
from ..keys import INVALID
from ..placeholders import placeholder

if TYPE_CHECKING:
    from ..values import Values


@dataclass(frozen=True)
class Form:
    """The format of a secret. `tools/chart_tables.py` writes the patterns for the templates."""

    expected: str
    pattern: str
    fits: Callable[[str], bool]


def _is_crypt_key(text: str) -> bool:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return True
    if re.fullmatch(r"[A-Za-z0-9_-]{43}=", text):
        return len(base64.urlsafe_b64decode(text)) == 32
    return len(text) == 32


COOKIE_SECRET = Form("64 hexadecimal digits", r"([0-9a-fA-F]{2}\s*)+", lambda text: True)
CRYPT_KEY = Form(
    "32 bytes, written as 64 hexadecimal digits or as base64", r"[!-~]+", _is_crypt_key
)
TOKEN = Form("ASCII letters, digits and signs, without spaces", r"[!-~]+", lambda text: True)
API_TOKEN = Form(
    "at least 8 ASCII letters, digits and signs, without spaces",
    r"[!-~]+",
    lambda text: len(text) >= 8,
)
FORMS: tuple[tuple[str, Form], ...] = (
    ("hub.config.JupyterHub.cookie_secret", COOKIE_SECRET),
    ("hub.config.CryptKeeper.keys", CRYPT_KEY),
    ("hub.config.ConfigurableHTTPProxy.auth_token", TOKEN),
)
HINT = "generate one with `openssl rand -hex 32`, or remove the key to let the chart generate one"


def problems(values: Values) -> Iterator[Problem]:
    """Report secrets that JupyterHub would reject, and placeholders.

    A wrong length is only a warning, because JupyterHub reports it if it uses the secret;
    `z2jh check` makes it an error.
    """
    for key, form in FORMS:
        value = values.get(key)
        if value is not None and not isinstance(value, (str, list) if form is CRYPT_KEY else str):
            yield values.problem(key, INVALID, given=HIDDEN, expected=form.expected, hint=HINT)
    for path, text, form in _secrets(values):
        text = text.strip()
        # a secret from another Secret is not in the values; only its format is checked
        is_in_values = values.get(path) is not None or path[-1].isdigit()
        rest = placeholder(text) if is_in_values else ""
        malformed = not re.fullmatch(form.pattern, text)
        if rest or malformed or not form.fits(text):
            yield values.problem(
                path,
                "replace the placeholder of the example" if rest else "malformed secret",
                given=HIDDEN,
                expected=form.expected,
                hint=HINT,
                severity="error" if is_in_values and (rest or malformed) else "warning",
                rule="placeholder" if rest else "secret",
            )


def _secrets(values: Values) -> Iterator[tuple[Path, str, Form]]:
    for key, form in FORMS:
        path = tuple(key.split("."))
        value = values.get(path)
        if isinstance(value, list):
            yield from (((*path, str(i)), text, form) for i, text in _texts(value))
        else:
            text = value or values.secret(key)
            parts = text.split(";") if isinstance(text, str) and form is CRYPT_KEY else [text]
            yield from ((path, part, form) for _, part in _texts(parts))
    services = values.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        for field in ("apiToken", "api_token") if isinstance(service, dict) else ():
            for _, text in _texts([service.get(field)]):
                yield ("hub", "services", name, field), text, API_TOKEN


def _texts(items: list[Any]) -> Iterator[tuple[int, str]]:
    """Yield the texts that are not empty; empty means unset."""
    for index, item in enumerate(items):
        if isinstance(item, str) and item.strip():
            yield index, item
