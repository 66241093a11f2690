"""The lines of a YAML file, and the positions of its entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ...config import sources
from ...config.errors import Path
from ...masking import HIDDEN, is_secret, of_text, step, without_secrets
from .blocks import Block

_COMMENT = re.compile(r"((?:^|\s)#)(.*)$")


class CannotEdit(Exception):
    """The file cannot be edited line by line, for example because of aliases."""


@dataclass(frozen=True)
class Entry:
    """The position of an entry in a block mapping.

    Lines count from 0. `top` is the first line of the comments above, `start` the line of the
    key, and `end` the line after the entry.
    """

    key: yaml.Node
    value: yaml.Node
    top: int
    start: int
    end: int


class Lines:
    """The lines of a YAML file, and the positions of its entries. Edits return a new object."""

    def __init__(self, text: str):
        self.text = text
        self.lines = text.splitlines()
        try:
            self.root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise CannotEdit(text) from error

    def node(self, path: Path) -> yaml.Node | None:
        """Return the node at `path`, or None."""
        node = self.root
        for part in path:
            pair = _pair(node, part)
            if pair is None:
                return None
            node = pair[1]
        return node

    def entry(self, path: Path) -> Entry | None:
        """Return the entry at `path`; None if it is missing or in a mapping in braces."""
        parent = self.node(path[:-1])
        pair = _pair(parent, path[-1])
        if pair is None or not isinstance(parent, yaml.MappingNode) or parent.flow_style:
            return None
        key, value = pair
        start = key.start_mark.line
        top = start
        indent = " " * key.start_mark.column
        while top and self.lines[top - 1].startswith(indent + "#"):
            top -= 1
        return Entry(key, value, top, start, max(start + 1, self._end(value)))

    def block(self, path: Path) -> Block | None:
        """Return the text of the entry at `path`, or None."""
        entry = self.entry(path)
        if entry is None:
            return None
        column = entry.key.start_mark.column
        lines = [_dedented(line, column) for line in self.lines[entry.top : entry.end]]
        above = entry.start - entry.top
        return Block(tuple(lines[:above]), tuple(lines[above:]))

    def _end(self, node: yaml.Node) -> int:
        """Return the line after the last line of `node`."""
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            return self._end(node.value[-1][1]) if node.value[-1][1].value else max(
                self._end(node.value[-1][1]), node.value[-1][0].end_mark.line + 1
            )  # fmt: skip
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            return self._end(node.value[-1])
        end = node.end_mark.line + (1 if node.end_mark.column else 0)
        while end > node.start_mark.line + 1 and not self.lines[end - 1].strip():
            end -= 1
        return int(end)

    def end_with_blank(self, entry: Entry) -> int:
        """Return the end of `entry`, including a blank line that would follow another one."""
        before, behind = self.lines[: entry.top], self.lines[entry.end :]
        follows = not before or not before[-1].strip()
        return entry.end + 1 if follows and behind and not behind[0].strip() else entry.end

    def with_lines(self, start: int, end: int, lines: list[str]) -> Lines:
        """Return the file with the lines from `start` to `end` (excluded) replaced by `lines`."""
        edited = [*self.lines[:start], *lines, *self.lines[end:]]
        return Lines("\n".join(edited) + "\n" if edited else "{}\n")


def hide(lines: Lines) -> str:
    """Return the text with secrets masked and line numbers unchanged."""
    masked_lines = list(lines.lines)
    replaced: dict[tuple[int, int], tuple[yaml.ScalarNode, str]] = {}
    for path, node in _scalars(lines.root, ()):
        position = (node.start_mark.line, node.start_mark.column)
        masked = HIDDEN if is_secret(path) and node.value else of_text(path, node.value)
        # an anchored value is masked if it is a secret in any of its uses
        if masked != node.value and (position not in replaced or masked == HIDDEN):
            replaced[position] = (node, masked)
    for _, (scalar, text) in sorted(replaced.items(), reverse=True):
        _replace(masked_lines, scalar, text)
    masked_lines = [
        _COMMENT.sub(lambda m: m[1] + without_secrets(m[2]), line) for line in masked_lines
    ]
    return "\n".join(masked_lines) + "\n"


def _replace(lines: list[str], node: yaml.ScalarNode, masked: str) -> None:
    start, end = node.start_mark, node.end_mark
    old, new = node.value.split("\n"), masked.split("\n")
    if node.style == "|" and len(old) == len(new):
        for number, (was, is_now) in enumerate(zip(old, new, strict=True), start.line + 1):
            if was and was != is_now:
                lines[number] = lines[number].replace(was, is_now)
        return
    if node.style == "|" or len(new) > 1:
        masked = HIDDEN
    behind = lines[end.line][end.column :] if end.line == start.line else ""
    lines[start.line] = lines[start.line][: start.column] + masked + behind
    last = end.line if end.column == 0 else end.line + 1
    for line in range(start.line + 1, min(last, len(lines))):
        lines[line] = HIDDEN if lines[line].strip() else lines[line]


def _scalars(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, yaml.ScalarNode]]:
    """Yield every scalar with its path, as `masking.step` builds it."""
    if isinstance(node, yaml.MappingNode):
        siblings = {str(key.value): value.value for key, value in node.value}
        for key, value in node.value:
            yield from _scalars(value, step(path, str(key.value), siblings))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, path)
    elif isinstance(node, yaml.ScalarNode):
        yield path, node


def _pair(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next(((k, v) for k, v in pairs if sources.text_key(k.value) == key), None)


def _dedented(line: str, column: int) -> str:
    return line[column:] if not line[:column].strip() else line.lstrip()
