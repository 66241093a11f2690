"""The merged values, with the file and line that set each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from operator import eq
from pathlib import Path as FilePath
from typing import Any

from . import named_entries, sources
from .errors import MISSING, Origin, Path, Problem
from .key_paths import dotted, find, key_path
from .legacy import modernise
from .mounts import Mounts
from .sources import Source


class Values:
    """Merged values, and the secrets, object names and environment of the hub's pod.

    Keys are dotted (`"singleuser.memory.limit"`), or tuples if a part contains a dot. Methods
    return copies.
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
        #: the administrator's values under their original keys; without files, all values
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
        """Return a copy of the value at `key`; `default` if the key is absent or null."""
        value = find(self._data, key_path(key))
        return default if value in (MISSING, None) else _copy(value)

    def get_as_given(self, key: str | Path, default: Any = None) -> Any:
        """Like `get`, but from the values before deprecated keys were translated."""
        value = find(self.given, key_path(key))
        return default if value in (MISSING, None) else _copy(value)

    def has(self, key: str | Path) -> bool:
        """Return whether `key` is set and not null."""
        return find(self._data, key_path(key)) not in (MISSING, None)

    def replaced(self, paths: Iterable[Path], other: Values) -> Values:
        """Return a copy with the values of `other` at `paths`; keys that it lacks are removed."""
        copied = copy(self)
        copied._data = deepcopy(self._data)
        for path in paths:
            value = find(other._data, path)
            node = copied._data
            for part in path[:-1]:
                if not isinstance(node.get(part), dict):
                    node[part] = {}
                node = node[part]
            if value is MISSING:
                node.pop(path[-1], None)
            else:
                node[path[-1]] = _copy(value)
        return copied

    def differing(self, other: Values) -> Iterator[Path]:
        """Yield the path of each value that differs in `other`. Lists are compared as a whole."""
        yield from _differing(self._data, other._data, ())

    @property
    def sources(self) -> Sequence[Source]:
        """The values files, in the order in which they are merged."""
        return self._origins

    def origin(self, key: str | Path) -> Origin | None:
        """Return the file and line that set `key`, or the closest parent that a file contains."""
        return self._origin_of(self.given_as(key_path(key)))

    def given_at(self, key: str | Path) -> Origin | None:
        """Return the file and line that set `key` itself; None if no file does."""
        path = self.given_as(key_path(key))
        origins = (source.origin(path) for source in reversed(self._origins))
        return next((origin for origin in origins if origin), None)

    def given_as(self, path: Path) -> Path:
        """Return the path in the files: that of a deprecated key if `path` was translated."""
        for length in range(len(path), 0, -1):
            old = self._moved.get(path[:length])
            if old:
                return old + path[length:]
        return path

    def _origin_of(self, path: Path) -> Origin | None:
        for length in range(len(path), 0, -1):
            for source in reversed(self._origins):
                origin = source.origin(path[:length])
                if origin:
                    return origin
        return Origin(self._origins[-1].file) if self._origins else None

    def origin_in_text(self, key: str | Path, line: int) -> Origin | None:
        """Return the position of line `line` of the text at `key`, or else that of `key`."""
        path = self.given_as(key_path(key))
        for source in reversed(self._origins):
            line_in_file = source.line_of_text(path, line)
            if line_in_file:
                return Origin(source.file, line_in_file)
        return self.origin(key)

    def problem(self, key: str | Path, message: str, **details: Any) -> Problem:
        """Return a Problem at `key`, with its value and origin."""
        value = details.pop("given", find(self._data, key_path(key)))
        return Problem(dotted(key), message, given=value, origin=self.origin(key), **details)

    def legacy_problems(self) -> Iterable[Problem]:
        """Return the problems of the deprecated keys in the values."""
        for problem in self._legacy_problems:
            yield replace(problem, origin=self._origin_of(key_path(problem.key)))

    def is_legacy(self, path: Path) -> bool:
        """Whether a deprecated key in the values is at, above or below `path`."""
        return any(all(map(eq, path, old)) for old in self._legacy_keys)

    def secret(self, key: str, default: str | None = None) -> str | None:
        """Return the secret `key` from the hub's Secrets, or `default`."""
        secret = self._secrets.get(key)
        if secret is None and self._mounts:
            secret = self._mounts.secret(key)
        return default if secret is None else secret

    def name(self, name: str) -> str:
        """Return this release's name for the chart's object `name` (`hub`, `proxy-api` …)."""
        mounted = self._mounts.name(name) if self._mounts else None
        return name if mounted is None else mounted

    def env(self, name: str, default: str) -> str:
        """Return an environment variable of the hub's pod."""
        return self._environ.get(name, default)

    def config_files(self) -> list[FilePath]:
        """Return the mounted files `jupyterhub_config.d/*.py`, sorted by name."""
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
    """Return the values of this hub's pod. Raises ConfigError if a mount cannot be read."""
    mounts = mounts or Mounts.here()
    files = mounts.sources()
    data: dict[str, Any] = {}
    for source in files:
        data = sources.merge(data, source.data)
    return Values(data, files, mounts=mounts, environ=sources.environment())


def from_files(
    files: Sequence[FilePath],
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Values:
    """Return the values of files, merged with the chart's defaults as Helm does.

    `environ` (default: that of this process) and `secrets` are those of the hub's pod.
    """
    from ..chart import chart_files

    read = [sources.read(file) for file in files]
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    explicit: dict[str, Any] = {}
    for source in read:
        explicit = sources.merge(explicit, source.data)
    data = sources.merge_as_helm(defaults, explicit)
    environ = sources.environment() if environ is None else environ
    return Values(data, read, given=explicit, environ=environ, secrets=secrets)
