"""Read values files, and merge them.

YAML is read as Helm reads it (YAML 1.1 as sigs.k8s.io/yaml understands it): keys
are strings, `1e3` is a number, dates and `1:30` stay text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from .errors import MISSING, ConfigError, Origin, Problem

_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Composer: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP, _INT, _FLOAT = (f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float"))


class _HelmLoader(_BaseLoader):  # type: ignore[misc]
    """PyYAML's safe loader with Helm's idea of scalars."""

    yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag not in (_TIMESTAMP, _INT, _FLOAT)]
        for first, rules in _BaseLoader.yaml_implicit_resolvers.items()
    }


_HelmLoader.add_implicit_resolver(
    _INT,
    re.compile(r"^[-+]?(?:0b[01_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$"),
    list("-+0123456789"),
)
_HelmLoader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    text = node.value.replace("_", "").replace("0o", "0").lstrip("+")
    return int(yaml.SafeLoader.construct_yaml_int(loader, yaml.ScalarNode(node.tag, text)))


def _construct_map(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    for key, _ in node.value:
        if isinstance(key, yaml.CollectionNode):
            raise yaml.constructor.ConstructorError(
                "while constructing a mapping",
                node.start_mark,
                "found unhashable key",
                key.start_mark,
            )
    return {
        text_key(loader.construct_object(key, deep=True)): loader.construct_object(item, deep=True)
        for key, item in node.value
    }


_HelmLoader.add_constructor(_INT, _construct_int)
_HelmLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


@dataclass(frozen=True)
class Source:
    """One values file: where it is, and what it holds (not to be changed)."""

    file: str
    data: dict[str, Any]
    text: str = field(default="", repr=False)

    def origin(self, path: tuple[str, ...]) -> Origin | None:
        """Where `path` stands in this file; None where this file does not have it.

        Positions are worked out when first asked for: a hub without mistakes never asks.
        """
        found = self._find(path)
        if found is None:
            return None
        mark = found[0].start_mark
        return Origin(self.file, mark.line + 1, mark.column + 1)

    def line_of_text(self, path: tuple[str, ...], line: int) -> int | None:
        """The line of this file that is line `line` of the block of text (`|`) at `path`."""
        found = self._find(path)
        if found is None or getattr(found[1], "style", None) != "|":
            return None
        return int(found[1].start_mark.line) + 1 + line

    def _find(self, path: tuple[str, ...]) -> tuple[yaml.Node, yaml.Node] | None:
        node, pair = self._root, None
        for part in path:
            pair = next((p for p in _pairs(node) if text_key(p[0].value) == part), None)
            if pair is None:
                return None
            node = pair[1]
        return pair

    @cached_property
    def _root(self) -> yaml.Node | None:
        node: yaml.Node | None = yaml.compose(self.text, Loader=_Composer) if self.text else None
        return node


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [
            (yaml.ScalarNode("", str(i), item.start_mark, item.end_mark), item)
            for i, item in enumerate(node.value)
        ]
    return []


def parse(text: str, file: str) -> Source:
    """The values in `text`. Raises ConfigError where it is not a mapping in YAML."""
    try:
        data = yaml.load(text, Loader=_HelmLoader)
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(error, file)]) from None
    if data is None:
        raise ConfigError([_file_problem(file, "is empty", "{} stands for no values at all")])
    if not isinstance(data, dict):
        message = f"holds a {type(data).__name__}, not a mapping of values"
        raise ConfigError([_file_problem(file, message, "begin with a key such as `hub:`")])
    return Source(file, data, text)


def read(file: Path) -> Source:
    """The values in `file`. Raises ConfigError where there is none or it is not values."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError([_file_problem(str(file), "is not there", "is it mounted?")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([_file_problem(str(file), f"cannot be read: {error}")]) from None
    return parse(text, str(file))


def _file_problem(file: str, message: str, hint: str = "") -> Problem:
    return Problem("(file)", message, expected="a YAML mapping of values", hint=hint,
                   origin=Origin(file), rule="file")  # fmt: skip


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or "unreadable"
    origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
    return Problem("(file)", f"not YAML: {what}", expected="a YAML mapping of values",
                   origin=origin, rule="yaml")  # fmt: skip


def text_key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else str(key)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`: mappings are merged, all else is replaced. Inputs stay as they are."""
    merged = dict(base)
    for key, value in over.items():
        there = merged.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            merged[key] = merge(there, value)
        else:
            merged[key] = value
    return merged


def merge_as_helm(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Like `merge`, but null takes a key away, as in `helm -f` (chartutil.CoalesceTables)."""
    merged = dict(base)
    for key, value in over.items():
        there = merged.get(key, MISSING)
        if value is None and there is not MISSING:
            del merged[key]
        elif isinstance(there, dict) and isinstance(value, dict):
            merged[key] = merge_as_helm(there, value)
        else:
            merged[key] = value
    return merged


def environment() -> Mapping[str, str]:
    """This process' environment."""
    return os.environ
