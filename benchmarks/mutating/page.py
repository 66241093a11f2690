"""A values file as text: its keys, and spots for mistakes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from . import mistakes

Keys = tuple[str, ...]
Draw = Callable[[random.Random], list[str] | None]


@dataclass(frozen=True)
class Entry:
    """A key of a page and its value; lines count from 0."""

    path: Keys
    key: yaml.ScalarNode
    value: yaml.Node
    last: bool

    @property
    def line(self) -> int:
        return int(self.key.start_mark.line)

    @property
    def is_short(self) -> bool:
        """Whether key and value are on one line."""
        return bool(self.line == self.value.start_mark.line == self.value.end_mark.line)


@dataclass(frozen=True)
class Spot:
    """A place for a mistake: `draw` returns the replacement of `count` lines from `line` on.

    The mistake is then `offset` lines below `line`.
    """

    path: Keys
    line: int
    draw: Draw
    count: int = 1
    offset: int = 0


class Page:
    """The text of one file, with its keys."""

    def __init__(self, file: Path):
        self.file = file
        self.lines = file.read_text("utf-8").splitlines()

    @cached_property
    def entries(self) -> list[Entry]:
        """All keys that are plain words, from top to bottom."""
        root = yaml.compose("\n".join(self.lines) + "\n", Loader=yaml.SafeLoader)
        return list(_entries(root, ()))

    def with_mistake(self, spot: Spot, new: list[str]) -> str:
        """Return the text with `new` at `spot`."""
        lines = [*self.lines[: spot.line], *new, *self.lines[spot.line + spot.count :]]
        return "\n".join(lines) + "\n"

    def block(self, entry: Entry) -> list[str]:
        """Return the lines of `entry`: that of its key, and those below that are indented more."""
        indent, end = entry.key.start_mark.column, entry.line + 1
        while end < len(self.lines):
            line = self.lines[end]
            inner = len(line) - len(line.lstrip())
            is_item = inner == indent and line.lstrip().startswith("- ")
            if line.strip() and inner <= indent and not is_item:
                break
            end += 1
        return self.lines[entry.line : end]

    def begins(self, entry: Entry) -> bool:
        """Return whether the key of `entry` is the first on its line."""
        return not self.lines[entry.line][: entry.key.start_mark.column].strip()

    def renamed(self, entry: Entry, avoid: Callable[[str], bool]) -> Spot:
        """Return a spot that misspells the key of `entry`, unless `avoid` accepts the result."""
        line, mark = self.lines[entry.line], entry.key.start_mark.column

        def draw(rng: random.Random) -> list[str] | None:
            wrong = mistakes.misspelled(entry.key.value, rng)
            end = mark + len(entry.key.value)
            return None if avoid(wrong) else [line[:mark] + wrong + line[end:]]

        return Spot(entry.path, entry.line, draw)

    def revalued(self, entry: Entry, values: Callable[[random.Random], str | None]) -> Spot:
        """Return a spot that replaces the short value of `entry`."""
        before = self.lines[entry.line][: entry.value.start_mark.column]

        def draw(rng: random.Random) -> list[str] | None:
            wrong = values(rng)
            return None if wrong is None else [before + wrong]

        return Spot(entry.path, entry.line, draw)


def _entries(node: yaml.Node | None, path: Keys) -> Iterator[Entry]:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _entries(item, (*path, str(index)))
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        for key, value in node.value:
            at = (*path, key.value)
            if key.style is None:
                yield Entry(at, key, value, key is node.value[-1][0])
            yield from _entries(value, at)
