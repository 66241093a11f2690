"""Replace the deprecated keys of a values file, and leave everything else unchanged.

Only the lines of deprecated keys move, with their comments, to where the current key belongs.
The result is parsed again, and must mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any

from ..config import sources
from ..config.errors import MISSING, ConfigError, Origin, Path, Problem
from ..config.key_paths import find
from ..config.legacy import Modernised, modernise
from . import yaml_lines
from .yaml_lines import Block, Lines


@dataclass(frozen=True)
class Migration:
    """A values file before and after; `problems` name each deprecated key and its replacement."""

    file: str
    before: str
    after: str
    problems: tuple[Problem, ...]

    @property
    def is_needed(self) -> bool:
        """Whether the file has deprecated keys."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the changes as a unified diff without secrets."""
        before, after = (_without_secrets(text, self.file) for text in (self.before, self.after))
        return "".join(unified_diff(before, after, self.file, self.file))


def migrate(text: str, file: str) -> Migration:
    """Migrate `text`. Raises ConfigError if it is invalid or ambiguous."""
    source = sources.parse(text, file)
    modern = modernise(source.data, source.data)
    problems = [_with_origin(problem, source) for problem in modern.problems]
    if any(problem.severity == "error" for problem in problems):
        raise ConfigError([p for p in problems if p.severity == "error"])
    try:
        after = text if modern.data == source.data else _rewritten(text, source.data, modern)
    except yaml_lines.CannotEdit:
        after = ""
    if not _has_meaning(after, file, modern):
        raise ConfigError([_not_editable(file, problems)])
    return Migration(file, text, after, tuple(problems))


def _with_origin(problem: Problem, source: sources.Source) -> Problem:
    path = tuple(problem.key.split("."))
    origins = (source.origin(path[:length]) for length in range(len(path), 0, -1))
    return replace(problem, origin=next(filter(None, origins), None))


def _has_meaning(text: str, file: str, modern: Modernised) -> bool:
    """Return whether `text` has exactly the values of `modern`, without deprecated keys."""
    try:
        data = sources.parse(text, file).data
    except ConfigError:
        return False
    again = modernise(data, data)
    return bool(data == modern.data == again.data) and not again.taken


def _not_editable(file: str, problems: list[Problem]) -> Problem:
    return Problem(
        "(file)",
        "cannot be rewritten line by line, most likely because of its anchors and aliases",
        hint="edit it by hand: " + "; ".join(p.message for p in problems),
        origin=Origin(file),
        rule="legacy-key",
    )


def _rewritten(text: str, old: dict[str, Any], modern: Modernised) -> str:
    writer = _Writer(Lines(text), old, modern)
    lines = writer.lines
    for path, value in list(_additions(old, modern.data)):
        block = writer.block(path, value)
        if find(old, path) is MISSING:
            lines = yaml_lines.insert(lines, path, block)
        else:
            lines = yaml_lines.replace(lines, path, block)
    for path in list(_removals(old, modern.data)):
        lines = yaml_lines.remove(lines, path)
    return lines.text


class _Writer:
    """Write the new keys, reusing the lines of deprecated keys with the same value."""

    def __init__(self, lines: Lines, old: dict[str, Any], modern: Modernised):
        self.lines = lines
        self._old = old
        self._modern = modern
        self._used: set[Path] = set()

    def block(self, path: Path, value: Any) -> Block:
        """Return the lines of `value` under the last part of `path`."""
        source = self._source(path, value)
        moved = self.lines.block(source) if source and source not in self._used else None
        if source is None or moved is None:
            return self._written(path, value)
        self._used.add(source)
        if find(self._old, source) == value:
            block = moved.named(path[-1])
        else:
            block = self._written(path, value).with_comments_of(moved)
        return block.below(self._headings(source))

    def _written(self, path: Path, value: Any) -> Block:
        if isinstance(value, dict) and value:
            children = [self.block((*path, key), item) for key, item in value.items()]
            return Block.of_mapping(path[-1], children)
        return Block.of_value(path[-1], value)

    def _headings(self, source: Path) -> tuple[str, ...]:
        """Return the comments of mappings around `source` that will be removed, each once."""
        comments: list[str] = []
        for path in (source[:length] for length in range(1, len(source))):
            block = self.lines.block(path)
            if block and path not in self._used and find(self._modern.data, path) is MISSING:
                self._used.add(path)
                comments += block.heading()
        return tuple(comments)

    def _source(self, path: Path, value: Any) -> Path | None:
        """Return the deprecated key from which all of `value` came; None if from several."""
        if not isinstance(value, dict) or not value:
            return self._modern.moved.get(path)
        leaf = next(_leaf_paths(value))
        old = self._modern.moved.get(path + leaf)
        if old is None or old[-len(leaf) :] != leaf:
            return None
        whole = old[: -len(leaf)]
        return whole if find(self._old, whole) == value else None


def _leaf_paths(value: dict[str, Any]) -> Iterator[Path]:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from ((key, *path) for path in _leaf_paths(item))
        else:
            yield (key,)


def _additions(old: Any, new: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield added and changed values, each at the highest level that is new."""
    for key, value in new.items():
        other = old.get(key, MISSING)
        if isinstance(other, dict) and other and isinstance(value, dict):
            yield from _additions(other, value, (*path, key))
        elif other != value:
            yield (*path, key), value


def _removals(old: dict[str, Any], new: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Yield the leaves of `old` that `new` does not have."""
    for key, value in old.items():
        other = new.get(key, MISSING)
        if other is MISSING:
            below = _leaf_paths(value) if isinstance(value, dict) and value else iter([()])
            yield from ((*path, key, *rest) for rest in below)
        elif isinstance(value, dict) and isinstance(other, dict):
            yield from _removals(value, other, (*path, key))


def _without_secrets(text: str, file: str) -> list[str]:
    return yaml_lines.hide(Lines(text)).splitlines(keepends=True)
