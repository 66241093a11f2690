"""Find the values of this chart in those of a chart that depends on it.

Such an umbrella chart passes what stands under the name of the dependency, mostly `jupyterhub`;
BinderHub and charts of hubs with Dask are examples, and charts that depend on these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ..chart.schema import chart_schema
from ..config.errors import Path, Problem
from ..config.key_paths import dotted, find, key_path
from ..config.sources import Source

NAME = "jupyterhub"
# keys that the values of a hub have at their top level, and those of an umbrella chart do not
_OF_A_HUB = frozenset({"hub", "singleuser", "proxy", "auth", "cull", "scheduling", "prePuller"})


@dataclass(frozen=True)
class Part(Source):
    """The values below the key `at` of a file, with their positions in the file."""

    at: Path = ()

    def _find(self, path: Path) -> tuple[yaml.Node, yaml.Node] | None:
        return super()._find((*self.at, *path))


def part(source: Source, at: str | None = None) -> Source:
    """Return the part of `source` below the dotted key `at`, which is searched for if None."""
    path = _place(source.data) if at is None else key_path(at) if at else ()
    if not path:
        return source
    inner = find(source.data, path)
    return Part(source.file, inner if isinstance(inner, dict) else {}, source.text, path)


def _place(data: dict[str, Any]) -> Path:
    """Return the path of the hub's values; () if they are the values themselves."""
    if _OF_A_HUB & data.keys():
        return ()
    outer = [name for name, value in data.items() if isinstance(value, dict)]
    for path in [(NAME,), *((name, NAME) for name in outer)]:
        inner = find(data, path)
        if isinstance(inner, dict) and chart_schema().children(()).keys() & inner.keys():
            return path
    return ()


def notes(source: Source) -> list[Problem]:
    """Return a note that names the part of a file that was checked."""
    if not isinstance(source, Part):
        return []
    key = dotted(source.at)
    return [
        Problem(
            key,
            "checked as the values of this chart; the rest of the file was not checked"
            if source.data
            else f"the file has no values under {key}, so nothing in it was checked",
            hint="" if source.data else "name the key of the hub's values with --at",
            origin=source.origin(()),
            severity="note",
            rule="umbrella",
        )
    ]


def sets_of(sets: Sequence[str], sources: Sequence[Source]) -> list[str]:
    """Return `--set`s as they reach the hub's values: without the key of their part."""
    prefixes = {f"{dotted(source.at)}." for source in sources if isinstance(source, Part)}
    if not prefixes:
        return list(sets)
    return [
        one.removeprefix(prefix)
        for one in sets
        for prefix in prefixes
        if one.startswith(prefix)
    ]  # fmt: skip
