"""Limit the options that a user sends with a request for a server."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from jupyterhub.spawner import SpawnException

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20  # levels; the JSON encoder of the database fails above about a hundred
MAX_NAME = 255  # characters of the name of a profile
SHOWN = 60  # characters of one value that a user sent, in a message or a log line

TOO_LARGE = (
    f"The options for this server are larger than {MAX_BYTES // 1024} KiB. "
    "Send only the profile and its options."
)


class OptionsRefused(SpawnException):  # type: ignore[misc]
    """Options with which no server can be started."""

    def __init__(self, message: str, status_code: int = 400):
        super().__init__(message, reason="options", status_code=status_code)
        self.jupyterhub_message = message  # which JupyterHub shows on its pages


def clip(value: Any, limit: int = SHOWN) -> str:
    """Return a value that a user sent as one line of at most `limit` characters."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text[: limit + 1].encode("utf-8", "replace").decode().split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def check(options: Any) -> None:
    """Raise OptionsRefused for options that JupyterHub must not store.

    It stores those of a refused start as well. They may be too large or too deeply nested, and
    JupyterHub's page for administrators shows no user if the profile of one is not text.
    """
    if not isinstance(options, dict):
        raise OptionsRefused("The options for this server must be a mapping of names to values.")
    _check_size(options)
    profile = options.get("profile")
    if profile is not None and not isinstance(profile, str):
        raise OptionsRefused("The option profile must be text: the name of a profile.")
    if len(profile or "") > MAX_NAME:
        raise OptionsRefused(f"The name of a profile has at most {MAX_NAME} characters.")


def check_fields(fields: dict[str, Any]) -> None:
    """Raise OptionsRefused if the text of a form or of a link is too large, uploads aside."""
    _check_size({name: values for name, values in fields.items() if not name.endswith("_file")})


def _check_size(options: dict[str, Any]) -> None:
    if _depth(options) > MAX_DEPTH:
        raise OptionsRefused("The options for this server are nested too deeply.")
    size = 0
    for piece in json.JSONEncoder(default=_encoded, skipkeys=True).iterencode(options):
        size += len(piece)
        if size > MAX_BYTES:
            raise OptionsRefused(TOO_LARGE, 413)


def _encoded(value: Any) -> Any:
    # as JupyterHub encodes it for its database
    return b64encode(value).decode() if isinstance(value, bytes) else None


def _depth(node: Any) -> int:
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list | tuple)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if depth > MAX_DEPTH:
            break
    return depth
