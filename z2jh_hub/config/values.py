"""The values as the hub reads them: merged, immutable, each with its origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from operator import eq
from pathlib import Path as FilePath
from typing import Any

from . import named_entries, sources
from .errors import MISSING, Origin, Path, Problem
from .key_paths import find, key_path
from .legacy import modernise
from .mounts import Mounts
from .sources import Source


class Values:
    """Merged values, with what else the hub's pod is told: secrets, names, environment.

    Keys are dotted (`"singleuser.memory.limit"`); a tuple names keys that have dots
    of their own. What is returned is a copy, so that no reader can change another's.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        origins: Sequence[Source] = (),
        *,
        given: Mapping[str, Any] | None = None,
        mounts: Mounts | None = None,
        environ: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ):
        modern = modernise(data, given)
        #: the values under the keys by which they were given, or all where that is not known
        self.given: Mapping[str, Any] = data if given is None else given
        self._data = named_entries.without_nulls(modern.data)
        self._origins = origins
        self._mounts = mounts
        self._environ = environ or {}
        self._secrets = secrets or {}
        self._moved = modern.moved
        self._legacy_keys = modern.taken
        self._legacy_problems = modern.problems

    def get(self, key: str | Path, default: Any = None) -> Any:
        """A copy of the value at `key`; `default` where the key is absent or null."""
        found = find(self._data, key_path(key))
        return default if found in (MISSING, None) else _copy(found)

    def get_as_given(self, key: str | Path, default: Any = None) -> Any:
        """Like `get`, of the values before old keys were read as today's."""
        found = find(self.given, key_path(key))
        return default if found in (MISSING, None) else _copy(found)

    def has(self, key: str | Path) -> bool:
        """Whether `key` is there and not null."""
        return find(self._data, key_path(key)) not in (MISSING, None)

    def replaced(self, paths: Iterable[Path], other: Values) -> Values:
        """These values, but at `paths` what `other` has there, or nothing where it has nothing."""
        made = copy(self)
        made._data = deepcopy(self._data)
        for path in paths:
            value = find(other._data, path)
            node = made._data
            for part in path[:-1]:
                if not isinstance(node.get(part), dict):
                    node[part] = {}
                node = node[part]
            if value is MISSING:
                node.pop(path[-1], None)
            else:
                node[path[-1]] = _copy(value)
        return made

    def differing(self, other: Values) -> Iterator[Path]:
        """The path of each value that is not the same in `other`; a list is one value."""
        yield from _differing(self._data, other._data, ())

    @property
    def sources(self) -> Sequence[Source]:
        """The files, weakest first."""
        return self._origins

    def origin(self, key: str | Path) -> Origin | None:
        """The file and line that set `key`, or the nearest key above it that a file has."""
        return self._place(self.given_as(key_path(key)))

    def given_at(self, key: str | Path) -> Origin | None:
        """The file and line that set `key` itself; None where no file does."""
        path = self.given_as(key_path(key))
        places = (source.origin(path) for source in reversed(self._origins))
        return next((place for place in places if place), None)

    def given_as(self, path: Path) -> Path:
        """The path by which `path` was given: an old key's, where it or one above it moved."""
        for length in range(len(path), 0, -1):
            old = self._moved.get(path[:length])
            if old:
                return old + path[length:]
        return path

    def _place(self, path: Path) -> Origin | None:
        for length in range(len(path), 0, -1):
            for source in reversed(self._origins):
                place = source.origin(path[:length])
                if place:
                    return place
        return Origin(self._origins[-1].file) if self._origins else None

    def origin_in_text(self, key: str | Path, line: int) -> Origin | None:
        """The place of line `line` of the text at `key`; that of the key where it is not known."""
        path = self.given_as(key_path(key))
        for source in reversed(self._origins):
            found = source.line_of_text(path, line)
            if found:
                return Origin(source.file, found)
        return self.origin(key)

    def problem(self, key: str | Path, message: str, **details: Any) -> Problem:
        """A Problem at `key`, with the given value and its origin filled in."""
        given = details.pop("given", find(self._data, key_path(key)))
        return Problem(
            ".".join(key_path(key)), message, given=given, origin=self.origin(key), **details
        )

    def legacy_problems(self) -> Iterable[Problem]:
        """What is to be said of keys of the 2018 guide that were given."""
        for problem in self._legacy_problems:
            yield replace(problem, origin=self._place(key_path(problem.key)))

    def is_legacy(self, path: Path) -> bool:
        """Whether a key of the 2018 guide that was given is at `path`, above it or below it."""
        return any(all(map(eq, path, old)) for old in self._legacy_keys)

    def secret(self, key: str, default: str | None = None) -> str | None:
        """The secret `key` of the hub's Secrets, or `default`."""
        found = self._secrets.get(key)
        if found is None and self._mounts:
            found = self._mounts.secret(key)
        return default if found is None else found

    def name(self, name: str) -> str:
        """What this release calls the object `name` of the chart (`hub`, `proxy-api` …)."""
        found = self._mounts.name(name) if self._mounts else None
        return name if found is None else found

    def env(self, name: str, default: str) -> str:
        """An environment variable of the hub's pod."""
        return self._environ.get(name, default)

    def config_files(self) -> list[FilePath]:
        """The mounted `jupyterhub_config.d/*.py`, by name."""
        return self._mounts.config_files() if self._mounts else []


def _differing(one: Any, other: Any, path: Path) -> Iterator[Path]:
    if isinstance(one, dict) and other is MISSING:
        other = {}
    elif isinstance(other, dict) and one is MISSING:
        one = {}
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            yield from _differing(one.get(key, MISSING), other.get(key, MISSING), (*path, key))
    elif one != other:
        yield path


def _copy(value: Any) -> Any:
    return deepcopy(value) if isinstance(value, (dict, list)) else value


def from_mounts(mounts: Mounts | None = None) -> Values:
    """The values of this hub's pod. Raises ConfigError where a mount cannot be read."""
    mounts = mounts or Mounts.here()
    found = mounts.sources()
    data: dict[str, Any] = {}
    for source in found:
        data = sources.merge(data, source.data)
    return Values(data, found, mounts=mounts, environ=sources.environment())


def from_files(
    files: Sequence[FilePath],
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Values:
    """An administrator's files over the chart's defaults, merged as Helm merges them.

    `environ` (this process', unless given) and `secrets` are what the hub's pod is told.
    """
    from ..chart import chart_files

    found = [sources.read(file) for file in files]
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    given: dict[str, Any] = {}
    for source in found:
        given = sources.merge(given, source.data)
    data = sources.merge_as_helm(defaults, given)
    environ = sources.environment() if environ is None else environ
    return Values(data, found, given=given, environ=environ, secrets=secrets)
