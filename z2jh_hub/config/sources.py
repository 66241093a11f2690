"""Read and merge values files.

YAML is parsed as Helm parses it (YAML 1.1 of sigs.k8s.io/yaml): keys are strings, `1e3` is a
number, dates and `1:30` are text.
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
    """PyYAML's safe loader with Helm's rules for scalars."""

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
    """A values file: its path and content. Do not modify `data`."""

    file: str
    data: dict[str, Any]
    text: str = field(default="", repr=False)

    def origin(self, path: tuple[str, ...]) -> Origin | None:
        """Return the position of `path` in this file; None if the file does not contain it.

        Positions are computed on first use, since a hub without problems never needs them.
        """
        pair = self._find(path)
        if pair is None:
            return None
        mark = pair[0].start_mark
        return Origin(self.file, mark.line + 1, mark.column + 1)

    def line_of_text(self, path: tuple[str, ...], line: int) -> int | None:
        """Return the line in this file of line `line` of the block scalar (`|`) at `path`."""
        pair = self._find(path)
        if pair is None or getattr(pair[1], "style", None) != "|":
            return None
        return int(pair[1].start_mark.line) + 1 + line

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
    """Parse values. Raises ConfigError if `text` is not a YAML mapping."""
    try:
        data = yaml.load(text, Loader=_HelmLoader)
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(error, file)]) from None
    if data is None:
        raise ConfigError(
            [_file_problem(file, "the file is empty", "write {} for a file without values")]
        )
    if not isinstance(data, dict):
        message = f"the file contains a {type(data).__name__}, not a mapping of values"
        raise ConfigError([_file_problem(file, message, "start with a key such as `hub:`")])
    return Source(file, data, text)


def read(file: Path) -> Source:
    """Read and parse a values file. Raises ConfigError if it is missing or invalid."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            [_file_problem(str(file), "the file does not exist", "check that it is mounted")]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([_file_problem(str(file), f"the file cannot be read: {error}")]) from None
    return parse(text, str(file))


def _file_problem(file: str, message: str, hint: str = "") -> Problem:
    return Problem("(file)", message, expected="a YAML mapping of values", hint=hint,
                   origin=Origin(file), rule="file")  # fmt: skip


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or "unreadable"
    origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
    return Problem("(file)", f"invalid YAML: {what}", expected="a YAML mapping of values",
                   origin=origin, rule="yaml")  # fmt: skip


def text_key(key: Any) -> str:
    """Return a YAML key as text, as Helm does."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else str(key)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` merged with `over`: mappings are merged, other values replaced."""
    merged = dict(base)
    for key, value in over.items():
        present = merged.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            merged[key] = merge(present, value)
        else:
            merged[key] = value
    return merged


def merge_as_helm(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Like `merge`, but null removes a key, as in `helm -f` (chartutil.CoalesceTables)."""
    merged = dict(base)
    for key, value in over.items():
        present = merged.get(key, MISSING)
        if value is None and present is not MISSING:
            del merged[key]
        elif isinstance(present, dict) and isinstance(value, dict):
            merged[key] = merge_as_helm(present, value)
        else:
            merged[key] = value
    return merged


def environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ
