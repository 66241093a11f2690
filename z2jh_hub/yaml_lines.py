"""Edit a YAML file line by line, so that whatever is not edited stays as it was written.

An entry of a mapping is its key's line, those of its value, and the comments right above.
Mappings in braces are spread over lines before anything in them is edited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Any

import yaml

from . import sources
from .errors import HIDDEN, Path

STEP = "  "
_COMMENT = re.compile(r"\s*#")
_BESIDE = re.compile(r"\s(#.*)$")


@dataclass(frozen=True)
class Entry:
    """Where an entry of a block mapping is: lines counted from 0, `end` excluded."""

    key: yaml.Node
    value: yaml.Node
    top: int
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """An entry as text, not indented: comments above, then the key's line and what follows."""

    comments: tuple[str, ...]
    lines: tuple[str, ...]

    @classmethod
    def of_value(cls, key: str, value: Any) -> Block:
        """`key: value`, as one would write it."""
        text = yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True,
                         width=4096, default_flow_style=False)  # fmt: skip
        return cls((), tuple(text.splitlines()))

    @classmethod
    def of_mapping(cls, key: str, children: list[Block]) -> Block:
        """`key:` and its entries below it."""
        head = cls.of_value(key, None).lines[0].removesuffix(" null")
        return cls((), (head, *(line for child in children for line in child.indented(STEP))))

    def named(self, key: str) -> Block:
        """The same under another key."""
        rest = self.lines[0][_key_length(self.lines[0]) :]
        return replaced(self, lines=(_written(key) + rest, *self.lines[1:]))

    def with_comments_of(self, other: Block) -> Block:
        """The same with the comments above and beside the key of another."""
        beside = _beside(other.lines[0])
        if beside and len(self.lines) == 1:
            return Block(other.comments, (f"{self.lines[0]}  {beside}",))
        return self.below(other.heading())

    def heading(self) -> tuple[str, ...]:
        """The comments above the key and beside it."""
        beside = _beside(self.lines[0])
        return (*self.comments, beside) if beside else self.comments

    def below(self, comments: tuple[str, ...]) -> Block:
        """The same with more comments above."""
        return replaced(self, comments=(*comments, *self.comments))

    def indented(self, by: str) -> list[str]:
        """The lines, each moved to the right; empty ones stay empty."""
        return [by + line if line.strip() else line for line in (*self.comments, *self.lines)]


class Lines:
    """A YAML file: its lines, and where its entries are. Edits make a new one."""

    def __init__(self, text: str):
        self.text = text
        self.lines = text.splitlines()
        self.root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)

    def node(self, path: Path) -> yaml.Node | None:
        """The value at `path`."""
        node = self.root
        for part in path:
            pair = _pair(node, part)
            if pair is None:
                return None
            node = pair[1]
        return node

    def entry(self, path: Path) -> Entry | None:
        """The entry at `path`; None where there is none, or where it stands in braces."""
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
        """The text of the entry at `path`."""
        entry = self.entry(path)
        if entry is None:
            return None
        column = entry.key.start_mark.column
        lines = [_dedented(line, column) for line in self.lines[entry.top : entry.end]]
        above = entry.start - entry.top
        return Block(tuple(lines[:above]), tuple(lines[above:]))

    def _end(self, node: yaml.Node) -> int:
        """The line behind the last of `node`."""
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

    def with_lines(self, start: int, end: int, lines: list[str]) -> Lines:
        """The file with other lines in the place of those from `start` up to `end`."""
        found = [*self.lines[:start], *lines, *self.lines[end:]]
        return Lines("\n".join(found) + "\n" if found else "{}\n")


def insert(lines: Lines, path: Path, block: Block) -> Lines:
    """Put `block` at `path`, behind what is in the mapping already."""
    depth = len(path) - 1
    while depth and not isinstance(lines.node(path[:depth]), yaml.MappingNode):
        depth -= 1
    for key in reversed(path[depth:-1]):
        block = Block.of_mapping(key, [block])
    lines = _spread(lines, path[:depth])
    parent = lines.node(path[:depth])
    if not isinstance(parent, yaml.MappingNode) or not parent.value:
        if depth:
            return replace(lines, path[:depth], Block.of_mapping(path[depth - 1], [block]))
        return lines.with_lines(0, len(lines.lines), block.indented(""))
    last = lines.entry((*path[:depth], parent.value[-1][0].value))
    assert last
    indent = " " * last.key.start_mark.column
    return lines.with_lines(last.end, last.end, block.indented(indent))


def replace(lines: Lines, path: Path, block: Block) -> Lines:
    """Put `block` in the place of the entry at `path`."""
    lines = _spread(lines, path[:-1])
    entry = lines.entry(path)
    assert entry
    indent = " " * entry.key.start_mark.column
    top = entry.start if not block.comments else entry.top
    return lines.with_lines(top, entry.end, block.indented(indent))


def remove(lines: Lines, path: Path) -> Lines:
    """Take the entry at `path` away, and the mappings above that hold nothing else."""
    lines = _spread(lines, path[:-1])
    entry = lines.entry(path)
    assert entry
    parent = lines.node(path[:-1])
    alone = isinstance(parent, yaml.MappingNode) and len(parent.value) == 1
    if not alone or len(path) == 1:
        return lines.with_lines(entry.top, entry.end, [])
    above = lines.entry(path[:-1])
    if above is None:
        return remove(_spread(lines, path[:-2]), path)
    return remove(lines.with_lines(entry.top, entry.end, []), path[:-1])


def _spread(lines: Lines, path: Path) -> Lines:
    """The file with the mapping at `path`, and those above it, not in braces."""
    for depth in range(len(path) + 1):
        node = lines.node(path[:depth])
        if isinstance(node, yaml.MappingNode) and node.flow_style and node.value:
            value = sources.parse(lines.text, "").data
            for part in path[:depth]:
                value = value[part]
            if depth == 0:
                spread = [x for k, v in value.items() for x in Block.of_value(k, v).lines]
                lines = lines.with_lines(node.start_mark.line, node.end_mark.line + 1, spread)
            else:
                taken, block = lines.block(path[:depth]), Block.of_value(path[depth - 1], value)
                beside = _beside(taken.lines[0]) if taken else ""
                if beside:
                    block = Block((), (f"{block.lines[0]}  {beside}", *block.lines[1:]))
                lines = replace(lines, path[:depth], block)
    return lines


def hide(lines: Lines, is_secret: Callable[[Path], bool]) -> str:
    """The text with every scalar hidden whose path may be that of a secret."""
    found = list(lines.lines)
    for path, node in _scalars(lines.root, ()):
        if not is_secret(path) or node.value == "":
            continue
        start, end = node.start_mark, node.end_mark
        behind = found[end.line][end.column :] if end.line == start.line else ""
        found[start.line] = found[start.line][: start.column] + HIDDEN + behind
        last = end.line if end.column == 0 else end.line + 1
        for line in range(start.line + 1, min(last, len(found))):
            found[line] = HIDDEN if found[line].strip() else found[line]
    return "\n".join(found) + "\n"


def _scalars(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, yaml.Node]]:
    """Every scalar with its path; from the last to the first, so that edits move no other."""
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            yield from _scalars(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for value in reversed(node.value):
            yield from _scalars(value, path)
    elif node is not None:
        yield path, node


def _pair(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next(((k, v) for k, v in pairs if sources.text_key(k.value) == key), None)


def _dedented(line: str, column: int) -> str:
    return line[column:] if not line[:column].strip() else line.lstrip()


def _written(key: str) -> str:
    return Block.of_value(key, None).lines[0].removesuffix(": null")


def _key_length(line: str) -> int:
    node = yaml.compose(line.partition(": ")[0].rstrip(":") + ":", Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    return int(node.value[0][0].end_mark.column)


def _beside(line: str) -> str:
    """The comment at the end of a line."""
    for token in yaml.scan(line.rstrip(), Loader=yaml.SafeLoader):
        if isinstance(token, yaml.StreamEndToken):
            break
        last = token.end_mark.column
    rest = _BESIDE.search(line[last - 1 :] if last else line)
    return rest[1] if rest else ""


class _Dumper(yaml.SafeDumper):
    """Writes what Helm reads as the same; more than one line as a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None
    if "\n" in text:
        style = "|"
    elif sources.parse(f"a: {text}", "").data["a"] != text if _is_plain(text) else False:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    return bool(re.fullmatch(r"[\w.+:-]+", text))


_Dumper.add_representer(str, _text)
