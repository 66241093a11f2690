"""Explain a key of the values: its description, type, default, and which code reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from ..chart import chart_files
from ..chart.schema import Schema
from ..config import configuration
from ..config.errors import MISSING, Path
from ..config.key_paths import find, key_path
from ..config.legacy.table import MOVES
from ..config.suggestions import closest

# traits of any class, which the schema does not list
TRAITS = ("hub", "config")
MOST_SUGGESTIONS = 5
# readers of keys that neither the hub nor a template reads; the first that matches is used
OTHER_READERS = {
    "auth": "the hub, as the keys of hub.config that replace it",
    "custom": "your own code, with z2jh.get_config",
    "enabled": "a parent chart, as the condition of this subchart",
    "global.safeToShowValues": "nothing",
    "global": "subcharts of a parent chart",
    "hub.extraConfig": "the hub (config/snippets.py)",
    "proxy.lego": "nothing",
    "proxy.nginx": "nothing",
}


class UnknownKey(Exception):
    """The chart has no such key; the message suggests the key that was probably meant."""


@dataclass(frozen=True)
class Explanation:
    """One key. `kind` is its type in words, `default` the chart's, `children` are its keys."""

    key: str
    text: str
    kind: str
    default: Any
    trait: str
    read_by: str
    old: tuple[str, ...]
    children: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the fields for a program, without `default` if there is none."""
        fields = {name: value for name, value in vars(self).items() if value is not MISSING}
        return {**fields, "old": list(self.old)}


@cache
def prose() -> Schema:
    """Return the schema of the values with its descriptions."""
    return Schema(yaml.safe_load(chart_files.read("values.schema.yaml")))


@cache
def _defaults() -> Any:
    return yaml.safe_load(chart_files.read("values.yaml"))


def explain(key: str) -> Explanation:
    """Explain `key`, in dotted notation; "" is the whole of the values. Raises UnknownKey."""
    path = key_path(key) if key else ()
    if key and not all(path):
        raise UnknownKey(f"{key} is not a key, because a part of it is empty")
    schema = _described(path)
    children = {
        name: first_sentence(prose().resolved(child).get("description", ""))
        for name, child in prose().children(path).items()
    }
    default = find(_defaults(), path)
    return Explanation(
        key=key,
        text=schema.get("description", "").strip(),
        kind=kind_of(schema),
        default=MISSING if isinstance(default, dict) and children else default,
        trait=next((k.trait for k in _table() if k.path == key), "") or _passed_on(path),
        read_by=_reader(key) if key else "",
        old=tuple(move.old for move in MOVES if key in move.new),
        children=children,
    )


def _described(path: Path) -> dict[str, Any]:
    """Return the schema at `path`; what lies below a free mapping is described by that mapping."""
    schema = prose().root
    for depth, part in enumerate(path):
        inner = prose().at(path[: depth + 1])
        known = prose().children(path[:depth])
        if part in known or inner.get("description"):
            schema = inner
        elif _is_free(schema, part) and not closest(part, known):
            return {**inner, "description": _description_below(path, depth, schema)}
        else:
            raise UnknownKey(_unknown(path, depth))
    return schema


def _is_free(schema: dict[str, Any], part: str) -> bool:
    """Return whether the schema admits `part` as a key or index that it does not name."""
    types = schema.get("type", [])
    if part.isdigit() and "array" in types:
        return True
    return "object" in types and schema.get("additionalProperties") is not False


def _description_below(path: Path, depth: int, schema: dict[str, Any]) -> str:
    if _passed_on(path):
        return (
            f"The trait `{path[3]}` of the class `{path[2]}`. The hub sets it after its own "
            "defaults; the documentation of the class describes it."
        )
    own = " ".join(schema.get("description", "").split())
    return f"A part of `{'.'.join(path[:depth])}`. {own}".strip()


def _passed_on(path: Path) -> str:
    """Return the trait that a key of `hub.config` sets, or an empty text."""
    return ".".join(path[2:4]) if path[:2] == TRAITS and len(path) > 3 else ""


def _unknown(path: Path, depth: int) -> str:
    """Return that `path[depth]` does not exist, with the keys that were probably meant."""
    above, name = path[:depth], path[depth]
    parent = ".".join(above)
    siblings = prose().children(above)
    near = closest(name, siblings)
    begun = [each for each in siblings if name and each.lower().startswith(name.lower())]
    suggested = (
        _ending_in(path)
        or [".".join((*above, each)) for each in ([near] if near else begun)]
        or suggestions(path[-1])
    )
    problem = f"{parent} has no key {name}" if parent else f"there is no key {name}"
    if not suggested:
        return problem
    more = len(suggested) - MOST_SUGGESTIONS
    hint = " or ".join(suggested[:MOST_SUGGESTIONS])
    return f"{problem}; did you mean {hint}{f' (and {more} more)' if more > 0 else ''}?"


def _ending_in(path: Path) -> list[str]:
    """Return the keys that end in all parts of `path`, such as `memory.limit`."""
    if len(path) == 1:
        return []
    if path[0][:1].isupper():
        traits = [k.path for k in _table() if k.trait == ".".join(path)]
        return [*traits, ".".join((*TRAITS, *path))]
    keys = [".".join(each) for each, _ in _keys(()) if each[-len(path) :] == path]
    return sorted((k for k in keys if not _is_deprecated(k)), key=lambda key: key.count("."))


def _is_deprecated(key: str) -> bool:
    description: str = prose().at(key_path(key)).get("description", "")
    return description.startswith("Deprecated")


def suggestions(name: str) -> list[str]:
    """Return the keys, in any part of the values, that `name` may stand for; best first.

    A key of that name comes first, then one that sets a trait of that name, then a free mapping
    whose description mentions the name. Without any of these, keys that start with `name`.
    """
    named, mentioned, begun = [], [], []
    for path, description in _keys(()):
        if description.startswith("Deprecated"):
            continue
        if path[-1] == name:
            named.append(".".join(path))
        elif path[-1].lower().startswith(name.lower()):
            begun.append(".".join(path))
        elif _mentions(description, name) and _is_free(prose().at(path), name):
            mentioned.append(".".join((*path, name)))
    traits = [k.path for k in _table() if k.trait.rpartition(".")[2] == name]
    for keys in (named, begun):
        keys.sort(key=lambda key: key.count("."))
    return list(dict.fromkeys((*named, *traits, *mentioned))) or begun


def _keys(path: Path) -> Iterator[tuple[Path, str]]:
    for name, child in prose().children(path).items():
        yield (*path, name), prose().resolved(child).get("description", "")
        yield from _keys((*path, name))


def _mentions(description: str, name: str) -> bool:
    return any(mark in description for mark in (f"`{name}`", f"{{{name}:"))


def _table() -> Iterator[Any]:
    for section in configuration.sections():
        yield from getattr(section, "KEYS", ())


def _reader(key: str) -> str:
    """Return which code reads the key: a section of the hub, a template, or someone else's code."""
    read = [
        (k.path, section.__name__.rpartition(".")[2])
        for section in configuration.sections()
        for k in getattr(section, "KEYS", ())
    ]
    for path, section in read:
        if _within(key, path):
            return f"the hub (config/sections/{section}.py)"
    for path, reader in OTHER_READERS.items():
        if _within(key, path):
            return reader
    for path, section in read:
        if _within(path, key):
            return f"the hub (config/sections/{section}.py)"
    return "the chart's templates"


def _within(key: str, above: str) -> bool:
    return f"{key}.".startswith(f"{above}.")


def kind_of(schema: dict[str, Any]) -> str:
    """Return the type of a schema in words."""
    if "enum" in schema:
        return "one of " + ", ".join(str(word) for word in schema["enum"] if word not in (None, ""))
    types = schema.get("type", [])
    words = {
        "object": "mapping",
        "array": "list",
        "integer": "whole number",
        "boolean": "true or false",
    }
    types = [types] if isinstance(types, str) else types
    named = [words.get(each, each) for each in types if each != "null"]
    return " or ".join(named) or "any value"


def first_sentence(text: str) -> str:
    """Return the first sentence of `text` on one line."""
    line = " ".join(text.split())
    head, stop, _ = line.partition(". ")
    return head + stop.strip()


def shown_default(default: Any) -> str:
    """Return a default on one line; an empty text if there is none."""
    if default is MISSING:
        return ""
    return json.dumps(default, ensure_ascii=False)
