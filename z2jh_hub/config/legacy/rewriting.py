"""Move values from deprecated to current keys, and collect the problems to report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...chart import chart_files
from .. import sources
from ..errors import MISSING, Path, Problem
from ..key_paths import dotted, find, key_path

RULE = "legacy-key"

# deprecated keys that the current public chart also reads
STILL_SUPPORTED = (
    "custom.failures",
    "custom.quotas",
    "custom.rescue",
    "hub.cookieSecret",
    "hub.extraEnv",
    "proxy.secretToken",
)


@dataclass(frozen=True)
class Modernised:
    """Values under current keys.

    moved     current key → the deprecated key that its value comes from
    problems  warnings and errors, at the deprecated keys
    taken     the deprecated keys that the values contained
    """

    data: dict[str, Any]
    moved: dict[Path, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    taken: list[Path] = field(default_factory=list)


class Rewriting:
    """Values while they are rewritten. The mappings passed in are not modified."""

    def __init__(self, data: Mapping[str, Any], explicit: Mapping[str, Any] | None):
        self._data: dict[str, Any] = dict(data)
        self._explicit = explicit
        self._moved: dict[Path, Path] = {}
        self._problems: list[Problem] = []
        self._taken: list[Path] = []

    def result(self) -> Modernised:
        """Return the rewritten values and the problems."""
        return Modernised(self._data, self._moved, self._problems, self._taken)

    @property
    def has_removed_keys(self) -> bool:
        """Whether the values contain a key that the current public chart no longer reads."""
        return any(".".join(path) not in STILL_SUPPORTED for path in self._taken)

    @property
    def failed(self) -> bool:
        """Whether there is an error so far."""
        return any(problem.severity == "error" for problem in self._problems)

    def leaves(self, key: str) -> list[Path]:
        """Return the paths of all values at and below `key`."""
        return [(*key_path(key), *path) for path, leaf in _leaves(self.get(key)) if leaf != {}]

    def get(self, key: str | Path) -> Any:
        """Return the current value at `key`; MISSING if there is none."""
        return find(self._data, key_path(key))

    def explicit(self, key: str | Path) -> Any:
        """Return the value that the administrator set at `key`; MISSING if none or null."""
        path = key_path(key)
        value = find(self._data if self._explicit is None else self._explicit, path)
        if value is None or (self._explicit is None and value == find(self._defaults, path)):
            return MISSING
        return value

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return sources.parse(chart_files.read("values.yaml"), "values.yaml").data

    def take(self, key: str | Path) -> Any:
        """Remove the deprecated `key` and return its value; MISSING if there is none, or null."""
        path = key_path(key)
        if find(self._data, path) is MISSING:
            return MISSING
        self._data, value = _without(self._data, path)
        if value is None:
            return MISSING
        self._taken.append(path)
        return deepcopy(value)

    def put(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Set `value`, which `old` contained, at `new`; mappings are merged.

        A different value that the administrator set there is reported as an error.
        """
        for sub_path, leaf in _leaves(value):
            path, origin = key_path(new) + sub_path, key_path(old) + sub_path
            present = self.explicit(path)
            if present is not MISSING and present != leaf:
                self.conflict(path, origin, leaf)
            elif present is MISSING:
                self.replace(path, leaf, origin)

    def imply(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Set `value`, which `old` implies, at `new`, unless the administrator set a value."""
        if self.explicit(new) is MISSING:
            self.replace(new, value, old)

    def replace(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Set `value` at `new`, replacing the value there."""
        self._data = _with(self._data, key_path(new), value)
        self._moved[key_path(new)] = key_path(old)

    def move(self, old: str, new: tuple[str, ...]) -> None:
        """Move the value of `old` to each key of `new`, with a warning."""
        value = self.take(old)
        if value is MISSING:
            return
        self.deprecated(old, *new)
        for key in new:
            self.put(key, value, old)

    def ignore(self, old: str, replacement: str) -> None:
        """Report that `old` has no effect."""
        if self.take(old) is not MISSING:
            self.report(old, f"`{old}` is no longer supported and has no effect", hint=replacement)

    def deprecated(self, old: str | Path, *new: str | Path) -> None:
        """Report that `new` replaces `old`, and whether both are set."""
        name = dotted(old)
        keys = " and ".join(f"`{dotted(key)}`" for key in new)
        if self.explicit(new[0]) is MISSING:
            self.report(old, f"`{name}` is deprecated; use {keys}")
        else:
            self.report(old, f"`{name}` is deprecated, and {keys} is also set; remove `{name}`")

    def conflict(self, new: str | Path, old: str | Path, value: Any) -> None:
        """Report that `old` and `new` are both set, to different values."""
        key = dotted(new)
        self.report(
            old,
            f"`{dotted(old)}` is deprecated, and `{key}` has another value",
            severity="error",
            given=value,
            expected=f"only `{key}`",
        )

    def report(self, key: str | Path, message: str, **details: Any) -> None:
        """Add a problem at the deprecated `key`; by default, a warning."""
        details = {"severity": "warning", "rule": RULE, **details}
        self._problems.append(Problem(dotted(key), message, **details))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _with(node: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a copy of `node` with `value` at `path`, unless a parent is not a mapping."""
    first, rest = path[0], path[1:]
    if not rest:
        return {**node, first: value}
    below = node.get(first)
    if below is not None and not isinstance(below, dict):
        return node  # of another type, which the section that reads it reports
    return {**node, first: _with(below or {}, rest, value)}


def _without(node: dict[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """Return a copy of `node` without `path` and emptied parents, and the removed value."""
    first, rest = path[0], path[1:]
    others = {key: item for key, item in node.items() if key != first}
    if not rest:
        return others, node[first]
    below, value = _without(node[first], rest)
    return ({**node, first: below} if below else others), value
