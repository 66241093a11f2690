"""Edit a YAML file line by line, and leave all other lines unchanged.

An entry of a mapping is the line of its key, the lines of its value, and the comments above it.
A mapping in braces is rewritten in block style before anything in it is edited.
"""

from __future__ import annotations

import yaml

from ...config import sources
from ...config.errors import Path
from .blocks import Block, end_comment
from .file import CannotEdit, Lines, hide

__all__ = ["Block", "CannotEdit", "Lines", "hide", "insert", "remove", "replace"]


def insert(lines: Lines, path: Path, block: Block) -> Lines:
    """Insert `block` at `path`, after the existing entries of the mapping."""
    depth = len(path) - 1
    while depth and not isinstance(lines.node(path[:depth]), yaml.MappingNode):
        depth -= 1
    for key in reversed(path[depth:-1]):
        block = Block.of_mapping(key, [block])
    lines = _in_block_style(lines, path[:depth])
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
    """Replace the entry at `path` with `block`."""
    lines = _in_block_style(lines, path[:-1])
    entry = lines.entry(path)
    if entry is None:
        raise CannotEdit(path)
    indent = " " * entry.key.start_mark.column
    top = entry.start if not block.comments else entry.top
    return lines.with_lines(top, entry.end, block.indented(indent))


def remove(lines: Lines, path: Path) -> Lines:
    """Remove the entry at `path`, and each mapping above it that becomes empty."""
    lines = _in_block_style(lines, path[:-1])
    entry = lines.entry(path)
    if entry is None:
        raise CannotEdit(path)
    parent = lines.node(path[:-1])
    alone = isinstance(parent, yaml.MappingNode) and len(parent.value) == 1
    if not alone or len(path) == 1:
        return lines.with_lines(entry.top, lines.end_with_blank(entry), [])
    above = lines.entry(path[:-1])
    if above is None:
        return remove(_in_block_style(lines, path[:-2]), path)
    return remove(lines.with_lines(entry.top, entry.end, []), path[:-1])


def _in_block_style(lines: Lines, path: Path) -> Lines:
    """Rewrite the mapping at `path`, and those above it, in block style."""
    for depth in range(len(path) + 1):
        node = lines.node(path[:depth])
        if isinstance(node, yaml.MappingNode) and node.flow_style and node.value:
            value = sources.parse(lines.text, "").data
            for part in path[:depth]:
                value = value[part]
            if depth == 0:
                block_lines = [x for k, v in value.items() for x in Block.of_value(k, v).lines]
                lines = lines.with_lines(node.start_mark.line, node.end_mark.line + 1, block_lines)
            else:
                old, block = lines.block(path[:depth]), Block.of_value(path[depth - 1], value)
                comment = end_comment(old.lines[0]) if old else ""
                if comment:
                    block = Block((), (f"{block.lines[0]}  {comment}", *block.lines[1:]))
                lines = replace(lines, path[:depth], block)
    return lines
