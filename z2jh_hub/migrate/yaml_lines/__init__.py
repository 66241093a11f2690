"""Edit a YAML file line by line, so that whatever is not edited stays as it was written.

An entry of a mapping is its key's line, those of its value, and the comments right above.
Mappings in braces are spread over lines before anything in them is edited.
"""

from __future__ import annotations

import yaml

from ...config import sources
from ...config.errors import Path
from .blocks import Block, beside
from .file import CannotEdit, Lines, hide

__all__ = ["Block", "CannotEdit", "Lines", "hide", "insert", "remove", "replace"]


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
    if last is None:
        raise CannotEdit(path)
    indent = " " * last.key.start_mark.column
    return lines.with_lines(last.end, last.end, block.indented(indent))


def replace(lines: Lines, path: Path, block: Block) -> Lines:
    """Put `block` in the place of the entry at `path`."""
    lines = _spread(lines, path[:-1])
    entry = lines.entry(path)
    if entry is None:
        raise CannotEdit(path)
    indent = " " * entry.key.start_mark.column
    top = entry.start if not block.comments else entry.top
    return lines.with_lines(top, entry.end, block.indented(indent))


def remove(lines: Lines, path: Path) -> Lines:
    """Take the entry at `path` away, and the mappings above that hold nothing else."""
    lines = _spread(lines, path[:-1])
    entry = lines.entry(path)
    if entry is None:
        raise CannotEdit(path)
    parent = lines.node(path[:-1])
    alone = isinstance(parent, yaml.MappingNode) and len(parent.value) == 1
    if not alone or len(path) == 1:
        return lines.with_lines(entry.top, lines.behind_blank(entry), [])
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
                comment = beside(taken.lines[0]) if taken else ""
                if comment:
                    block = Block((), (f"{block.lines[0]}  {comment}", *block.lines[1:]))
                lines = replace(lines, path[:depth], block)
    return lines
