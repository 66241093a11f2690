"""Where a key that nothing reads belongs: a word spelled wrong, or a key at the wrong level."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from ..chart.schema import Schema, chart_schema
from ..config.errors import Path, Problem
from ..config.key_paths import find

# a class of JupyterHub, or one of its authenticators or spawners
_CLASS = re.compile(r"[A-Z][a-zA-Z]*[a-z][a-zA-Z0-9]*")
_MOST_PLACES = 3


def meant(problem: Problem, given: Mapping[str, Any]) -> Problem:
    """`problem`, of an unknown key, with the key that was meant in its hint."""
    path = _path(problem.key, given)
    *above, name = path
    near = spelled_nearly(name, chart_schema().children(tuple(above)))
    if near and (_plain(near) == _plain(name) or distance(near, name) == 1):
        return replace(problem, hint=f"did you mean {'.'.join((*above, near))}?")
    elsewhere = belongs(path, given)
    if elsewhere:
        wheres = " or ".join(f"`{'.'.join(place) or 'the top level'}`" for place in elsewhere)
        key = ".".join((*elsewhere[0], name))
        return replace(
            problem,
            message=f"a key at the wrong level: `{name}` belongs under {wheres}",
            hint=f"did you mean {key}?",
            rule="misplaced-key",
        )
    return replace(problem, hint=f"did you mean {'.'.join((*above, near))}?" if near else "")


def _path(key: str, given: Mapping[str, Any]) -> Path:
    """The dotted `key` as a path into `given`, whose keys may have dots of their own."""

    def steps(rest: str, node: Any) -> Path | None:
        if not rest:
            return ()
        if isinstance(node, list):
            head, _, tail = rest.partition(".")
            inner = node[int(head)] if head.isdigit() and int(head) < len(node) else None
            found = steps(tail, inner)
            return None if found is None else (head, *found)
        for name in node if isinstance(node, Mapping) else ():
            if rest == name or rest.startswith(f"{name}."):
                found = steps(rest[len(name) + 1 :], node[name])
                if found is not None:
                    return (name, *found)
        return None

    return steps(key, given) or tuple(key.split("."))


def belongs(path: Path, given: Mapping[str, Any]) -> list[Path]:
    """The mappings, best first, under which the key at `path` is known, with what it holds."""
    *above, name = path
    value = find(given, path)
    if _CLASS.fullmatch(name) and isinstance(value, dict):
        return [("hub", "config")]
    places = [p for p in _homes().get(name, ()) if p != tuple(above) and _holds((*p, name), value)]
    if not places:
        return []
    # a mapping that was left empty right there is what its block was taken out of
    emptied = [p for p in places if find(given, p) is None]
    near = min(_way(p, tuple(above)) for p in places)
    return (emptied or [p for p in places if _way(p, tuple(above)) == near])[:_MOST_PLACES]


def _way(place: Path, here: Path) -> int:
    shared = sum(1 for _ in _shared(place, here))
    return len(place) + len(here) - 2 * shared


def _shared(one: Path, other: Path) -> Iterator[str]:
    for first, second in zip(one, other, strict=False):
        if first != second:
            return
        yield first


def _holds(path: Path, value: Any) -> bool:
    known = chart_schema().children(path)
    return not isinstance(value, dict) or not known or any(key in known for key in value)


@cache
def _homes() -> dict[str, list[Path]]:
    """For each key's last name, every mapping of the schema that has it."""
    found: dict[str, list[Path]] = defaultdict(list)

    def walk(schema: Schema, path: Path) -> None:
        for name in schema.children(path):
            found[name].append(path)
            walk(schema, (*path, name))

    walk(chart_schema(), ())
    return found


def spelled_nearly(word: str, known: Iterable[str]) -> str:
    """The word of `known` that was probably meant by `word`; empty where none is near."""
    ranked = sorted((distance(_plain(word), _plain(k)), distance(word, k), k) for k in known)
    if ranked and ranked[0][0] <= max(1, len(word) // 3) and ranked[0][0] < len(word):
        return ranked[0][2]
    return ""


def _plain(word: str) -> str:
    return re.sub(r"[_-]", "", word).lower()


def distance(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour (edit distance)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
