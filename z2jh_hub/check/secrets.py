"""The secrets that the values hold, to be taken out of what others say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import HIDDEN, is_secret
from ..values import Values

# shorter ones are words that stand elsewhere too
_SHORTEST = 8


class Secrets:
    """Every text of the values whose key names a secret."""

    def __init__(self, values: Values):
        self._texts = sorted(set(_texts(values.get(()), ())), key=len, reverse=True)

    def hidden_in(self, text: str) -> str:
        """`text` without any of them."""
        for secret in self._texts:
            text = text.replace(secret, HIDDEN)
        return text


def _texts(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item, path)
    elif isinstance(node, str) and len(node) >= _SHORTEST and is_secret(path[-1:]):
        yield node
