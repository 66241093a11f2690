"""Take old keys out of the values, and put what they mean under today's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...chart import chart_files
from .. import sources
from ..errors import MISSING, Path, Problem
from ..key_paths import find, key_path

RULE = "legacy-key"

# old keys that the public chart of today takes, too: they do not tell a file's age
STILL_TAKEN = (
    "custom.failures",
    "custom.quotas",
    "custom.rescue",
    "hub.cookieSecret",
    "hub.extraEnv",
    "proxy.secretToken",
)


@dataclass(frozen=True)
class Modernised:
    """Values under today's keys.

    `moved` tells for each of today's keys that an old one gave where it stood;
    `problems` (their keys are the old ones) what is to be said of it; `taken` are the
    old keys that were found.
    """

    data: dict[str, Any]
    moved: dict[Path, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    taken: list[Path] = field(default_factory=list)


class Rewriting:
    """Values while they are rewritten. The mappings that it is given stay as they are."""

    def __init__(self, data: Mapping[str, Any], given: Mapping[str, Any] | None):
        self._data: dict[str, Any] = dict(data)
        self._given = given
        self._moved: dict[Path, Path] = {}
        self._problems: list[Problem] = []
        self._taken: list[Path] = []

    def result(self) -> Modernised:
        """What has become of the values."""
        return Modernised(self._data, self._moved, self._problems, self._taken)

    @property
    def is_of_2018(self) -> bool:
        """Whether a key has been found that the charts of today do not take any more."""
        return any(".".join(path) not in STILL_TAKEN for path in self._taken)

    @property
    def failed(self) -> bool:
        """Whether an error has been found so far."""
        return any(problem.severity == "error" for problem in self._problems)

    def leaves(self, key: str) -> list[Path]:
        """The paths of all values at `key` and below it."""
        return [(*key_path(key), *path) for path, leaf in _leaves(self.get(key)) if leaf != {}]

    def get(self, key: str | Path) -> Any:
        """What is at `key` now, by name or as a path; MISSING where nothing is."""
        return find(self._data, key_path(key))

    def given(self, key: str | Path) -> Any:
        """What the administrator has given at today's `key`; MISSING where nothing, or null."""
        path = key_path(key)
        there = find(self._data if self._given is None else self._given, path)
        if there is None or (self._given is None and there == find(self._defaults, path)):
            return MISSING
        return there

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return sources.parse(chart_files.read("values.yaml"), "values.yaml").data

    def take(self, key: str | Path) -> Any:
        """Remove the old `key` and return what it held; MISSING where nothing, or null."""
        path = key_path(key)
        if find(self._data, path) is MISSING:
            return MISSING
        self._data, value = _without(self._data, path)
        if value is None:
            return MISSING
        self._taken.append(path)
        return deepcopy(value)

    def put(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Let `value`, which `old` gave, be what is at `new`; mappings leaf by leaf.

        What is given there already must be the same: it is an error where it is not.
        """
        for sub_path, leaf in _leaves(value):
            path, origin = key_path(new) + sub_path, key_path(old) + sub_path
            there = self.given(path)
            if there is not MISSING and there != leaf:
                self.conflict(path, origin, leaf)
            elif there is MISSING:
                self.replace(path, leaf, origin)

    def imply(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Let `value`, which `old` implied, be what is at `new`, unless something is given."""
        if self.given(new) is MISSING:
            self.replace(new, value, old)

    def replace(self, new: str | Path, value: Any, old: str | Path) -> None:
        """Let `value`, which includes what is given there, be what is at `new`."""
        self._data = _with(self._data, key_path(new), value)
        self._moved[key_path(new)] = key_path(old)

    def move(self, old: str, new: tuple[str, ...]) -> None:
        """What `old` holds goes to each of `new`, and that is said."""
        value = self.take(old)
        if value is MISSING:
            return
        self.renamed(old, " and ".join(new), new[0])
        for key in new:
            self.put(key, value, old)

    def ignore(self, old: str, today: str) -> None:
        """Say of `old` that nothing reads it."""
        if self.take(old) is not MISSING:
            self.say(old, "nothing reads this key any more", hint=f"today: {today}")

    def renamed(self, old: str | Path, today: str, new: str | Path = "") -> None:
        """Say what `old` is called today, and whether that is given too."""
        both = new and self.given(new) is not MISSING
        message = f"{today} is given too" if both else "a key of 2018"
        self.say(old, message, hint=f"today: {today}")

    def conflict(self, new: str | Path, old: str | Path, value: Any) -> None:
        """Say that `old` and `new` are both given, and differ."""
        path, today = key_path(old), key_path(new)
        self.say(
            path,
            f"{'.'.join(today)} is given too, and says something else",
            severity="error",
            given=value,
            expected=f"{'.'.join(today)} alone",
        )

    def say(self, key: str | Path, message: str, **details: Any) -> None:
        """Add a problem at the old `key`; a warning unless `severity` says otherwise."""
        details = {"severity": "warning", "rule": RULE, **details}
        self._problems.append(Problem(".".join(key_path(key)), message, **details))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _with(node: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of `node` with `value` at `path`; what is no mapping on the way stays."""
    first, rest = path[0], path[1:]
    if not rest:
        return {**node, first: value}
    below = node.get(first)
    if below is not None and not isinstance(below, dict):
        return node  # of the wrong kind, which the section that reads it says
    return {**node, first: _with(below or {}, rest, value)}


def _without(node: dict[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """A copy of `node` without `path` and the mappings that this leaves empty; what was there."""
    first, rest = path[0], path[1:]
    others = {key: item for key, item in node.items() if key != first}
    if not rest:
        return others, node[first]
    below, value = _without(node[first], rest)
    return ({**node, first: below} if below else others), value
