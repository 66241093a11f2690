"""What a value is for: from the schema's prose, the chart's defaults, and who reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from . import chart_files, configure
from .check.places import spelled_nearly
from .check.schema import Schema
from .errors import MISSING, Path
from .legacy.table import MOVES
from .values import parts

# classes of JupyterHub and what else is under hub.config: not described here
FREE = ("hub", "config")


class UnknownKey(Exception):
    """There is no such key; the text says which was probably meant."""


@dataclass(frozen=True)
class Explanation:
    """One key: `kind` in words, `default` as in the chart, `children` by name."""

    key: str
    text: str
    kind: str
    default: Any
    trait: str
    read_by: str
    old: tuple[str, ...]
    children: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """For programs; the default is left out where there is none."""
        told = {name: value for name, value in vars(self).items() if value is not MISSING}
        return {**told, "old": list(self.old)}


@cache
def prose() -> Schema:
    """The schema with its descriptions."""
    return Schema(yaml.safe_load(chart_files.read("values.schema.yaml")))


@cache
def _defaults() -> Any:
    return yaml.safe_load(chart_files.read("values.yaml"))


def explain(key: str) -> Explanation:
    """What `key` (dotted) is. Raises UnknownKey."""
    path = parts(key)
    schema = _described(path)
    children = {
        name: first_sentence(prose().resolved(child).get("description", ""))
        for name, child in prose().children(path).items()
    }
    default = _default(path)
    trait = next((k.trait for k in _table() if k.path == key), "")
    return Explanation(
        key=key,
        text=schema.get("description", "").strip(),
        kind=kind_of(schema),
        default=MISSING if isinstance(default, dict) and children else default,
        trait=trait,
        read_by=_reader(key),
        old=tuple(move.old for move in MOVES if key in move.new),
        children=children,
    )


def _described(path: Path) -> dict[str, Any]:
    schema = prose().root
    for depth, part in enumerate(path):
        known = prose().children(path[:depth])
        if part in known:
            schema = prose().resolved(known[part])
            continue
        inner = prose().at(path[: depth + 1])
        if inner or path[:2] == FREE or schema.get("additionalProperties") is True:
            return inner
        near = spelled_nearly(part, known)
        hint = f"did you mean {'.'.join((*path[:depth], near))}?" if near else ""
        above = ".".join(path[:depth])
        where = f"{above} has no key {part}" if above else f"there is no key {part}"
        raise UnknownKey("; ".join(filter(None, (where, hint))))
    return schema


def _default(path: Path) -> Any:
    found = _defaults()
    for part in path:
        if not isinstance(found, dict) or part not in found:
            return MISSING
        found = found[part]
    return found


def _table() -> Iterator[Any]:
    for section in configure.sections():
        yield from getattr(section, "KEYS", ())


def _reader(key: str) -> str:
    """Who reads the key: a section of the hub, by its file, or the chart's templates."""
    for section in configure.sections():
        paths = [k.path for k in getattr(section, "KEYS", ())]
        if any(_within(key, path) or _within(path, key) for path in paths):
            return f"the hub (sections/{section.__name__.rpartition('.')[2]}.py)"
    return "the chart's templates"


def _within(key: str, above: str) -> bool:
    return f"{key}.".startswith(f"{above}.")


def kind_of(schema: dict[str, Any]) -> str:
    """A schema's type in words."""
    if "enum" in schema:
        return "one of " + ", ".join(str(word) for word in schema["enum"] if word not in (None, ""))
    types = schema.get("type", [])
    words = {
        "object": "mapping",
        "array": "list",
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
    }
    types = [types] if isinstance(types, str) else types
    named = [words.get(each, each) for each in types if each != "null"]
    return " or ".join(named) or "anything"


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line."""
    line = " ".join(text.split())
    head, stop, _ = line.partition(". ")
    return head + stop.strip()


def shown_default(default: Any) -> str:
    """A default on one line; empty where there is none."""
    if default is MISSING:
        return ""
    return json.dumps(default, ensure_ascii=False)
