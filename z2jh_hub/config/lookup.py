"""Find a value by its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import MISSING, Path


def parts(key: str | Path) -> Path:
    """Return a dotted key as a path; a path is returned unchanged."""
    return tuple(key.split(".")) if isinstance(key, str) else key


def find(node: Any, path: Path) -> Any:
    """Return what is at `path` below `node`, in lists by index; MISSING if nothing is."""
    for part in path:
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return MISSING
    return node
