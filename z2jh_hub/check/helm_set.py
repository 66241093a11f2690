"""Parse `--set a.b=c` as Helm does (pkg/strvals): lists, escapes and types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

_INDEX = re.compile(r"\[(\d+)\]")
_WORDS = {"true": True, "false": False, "null": None}
MOST_ITEMS = 65536


class SetError(ValueError):
    """An invalid `--set`."""


def apply(base: dict[str, Any], sets: Sequence[str]) -> dict[str, Any]:
    """Return a copy of `base` with the assignments of `sets` applied. Raises SetError."""
    data = deepcopy(base)
    for text in sets:
        for assignment in _split(text, ","):
            _assign(data, assignment)
    return data


def _assign(data: dict[str, Any], assignment: str) -> None:
    name, *value = _split(assignment, "=", most=1)
    if not name or not value:
        raise SetError(f"--set requires key=value, but {name or assignment} has no value")
    node: Any = data
    steps = _steps(name)
    for step, following in pairwise(steps):
        node = _descend(node, step, [] if isinstance(following, int) else {})
    _put(node, steps[-1], _typed(value[0]))


def _steps(name: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in _split(name, "."):
        key = _INDEX.sub("", part)
        if "[" in key or not key:
            raise SetError(f"--set: invalid key {name}")
        steps.append(_plain(key))
        steps += [int(index) for index in _INDEX.findall(part)]
    return steps


def _descend(node: Any, step: str | int, empty: Any) -> Any:
    existing = _at(node, step)
    if isinstance(existing, type(empty)):
        return existing
    _put(node, step, empty)
    return empty


def _at(node: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and step < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _put(node: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int):
        if step > MOST_ITEMS:
            raise SetError(f"--set: index {step} is greater than {MOST_ITEMS}")
        node.extend([None] * (step + 1 - len(node)))
    node[step] = value


def _typed(text: str) -> Any:
    if text.startswith("{") and text.endswith("}"):
        return [_typed(item) for item in _split(text[1:-1], ",")] if text[1:-1] else []
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"0|-?[1-9]\d{0,17}", text):
        return int(text)
    return _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _split(text: str, mark: str, most: int = -1) -> list[str]:
    """Split `text` at each `mark` that is neither escaped nor within braces."""
    parts, depth, skip = [""], 0, False
    for letter in text:
        if not skip and not depth and letter == mark and most:
            parts.append("")
            most -= 1
            continue
        depth += 0 if skip else {"{": 1, "}": -1}.get(letter, 0)
        skip = letter == "\\" and not skip
        parts[-1] += letter
    return parts
