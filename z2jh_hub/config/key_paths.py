"""Dotted keys, paths of keys, and looking a path up in values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import MISSING, Path


def key_path(key: str | Path) -> Path:
    """Return a dotted key as a path; a path is returned unchanged."""
    return tuple(key.split(".")) if isinstance(key, str) else key


def dotted(key: str | Path) -> str:
    """Return a path as a dotted key; a dotted key is returned unchanged."""
    return key if isinstance(key, str) else ".".join(key)


def find(node: Any, path: Path) -> Any:
    """Return the value at `path`, which may contain list indexes; MISSING if there is none."""
    for part in path:
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return MISSING
    return node
