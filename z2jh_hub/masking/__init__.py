"""Hide secrets in values, traits, objects, text and code.

A key in `chart/values.schema.yaml` is a secret if it is marked `x-secret`. In free-form mappings
(`hub.config`, `extraEnv`, `custom`, …) the name decides, with a table of traits whose names
mislead. Text is searched for passwords in URLs, private keys, tokens, and values assigned to
names of secrets; Python is parsed.

A mask reveals nothing about the secret, neither its length nor a hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import python
from .names import is_secret_name
from .paths import SECRET_KEYS, Path, is_secret, step
from .text import HIDDEN, one_line, printable, without_secrets, without_shapes

__all__ = ["HIDDEN", "Mask", "is_secret", "is_secret_name", "masked", "name_of", "of_text",
           "one_line", "printable", "step", "without_secrets", "without_shapes"]  # fmt: skip

# common words that are not masked, even if they are a password
_NO_SECRETS = frozenset({"changeme", "jupyterhub", "password", "postgres", "postgresql"})
# shorter secrets may also occur as ordinary words
_SHORTEST = 8


def masked(path: Iterable[str], value: Any) -> Any:
    """Return a copy of `value`, which is at `path`, with every secret masked."""
    path = tuple(path)
    if isinstance(value, dict):
        return {
            key: masked(step(path, str(name), value), inner)
            for (name, inner), key in zip(value.items(), _keys(path, value), strict=True)
        }
    if isinstance(value, (list, tuple)):
        return [
            HIDDEN if isinstance(item, str) and _is_after_flag(value, at) else masked(path, item)
            for at, item in enumerate(value)
        ]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if is_secret(path):
        return HIDDEN
    return of_text(path, value) if isinstance(value, str) else value


def of_text(path: Path, text: str) -> str:
    """Return `text`, which is at `path` and not itself a secret, with the secrets in it masked."""
    is_code = path[:2] == ("hub", "extraConfig")
    return python.without_secrets_in(text) if is_code else without_secrets(text)


def name_of(path: Iterable[str]) -> str:
    """Return `path` as a dotted key, with keys that are secrets masked."""
    path = tuple(path)
    for at, part in enumerate(path[:-1]):
        if part in SECRET_KEYS:
            return ".".join((*path[: at + 1], HIDDEN, *path[at + 2 :]))
    return ".".join(path)


def _keys(path: Path, value: Mapping[Any, Any]) -> list[Any]:
    if path and path[-1] in SECRET_KEYS:
        return [f"{HIDDEN} {number}" for number in range(1, len(value) + 1)]
    return list(value)


def _is_after_flag(items: Any, at: int) -> bool:
    """Return whether an item of a command is the argument of an option such as `--password`."""
    flag = items[at - 1] if at else None
    return isinstance(flag, str) and flag.startswith("-") and is_secret_name(flag)


class Mask:
    """A mask that also hides the secrets of some values wherever they occur.

    `diff` creates a mask of both sides, so that both are masked alike.
    """

    def __init__(self, *trees: Mapping[str, Any]):
        texts = {text for tree in trees for text in _secrets(tree, ())}
        self._texts = sorted(
            (t for t in texts if len(t) >= _SHORTEST and t not in _NO_SECRETS),
            key=len,
            reverse=True,
        )

    def text(self, text: str) -> str:
        """Return `text` with all secrets masked."""
        return without_secrets(self.known(text))

    def known(self, text: str) -> str:
        """Return `text` with the secrets of the values masked."""
        for secret in self._texts:
            for spelling in dict.fromkeys((secret, repr(secret)[1:-1], json.dumps(secret)[1:-1])):
                text = text.replace(spelling, HIDDEN)
        return text

    def value(self, path: Iterable[str], value: Any) -> Any:
        """Return a copy of `value`, which is at `path`, with all secrets masked."""
        return self._within(masked(path, value))

    def _within(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {key: self._within(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self._within(value) for value in node]
        return self.known(node) if isinstance(node, str) else node


def _secrets(node: Any, path: Path) -> Iterator[str]:
    """Yield every secret text, unchanged and stripped."""
    if isinstance(node, dict):
        for key, value in node.items():
            if path and path[-1] in SECRET_KEYS:
                yield str(key)
            yield from _secrets(value, step(path, str(key), node))
    elif isinstance(node, list):
        for item in node:
            yield from _secrets(item, path)
    elif isinstance(node, str) and is_secret(path):
        yield from (node, node.strip())
    elif isinstance(node, str) and path[:2] == ("hub", "extraConfig"):
        yield from python.literals(node)
