"""Entries of mappings as text that can be moved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Any

import yaml

from ...config import sources

STEP = "  "
_END_COMMENT = re.compile(r"\s(#.*)$")


@dataclass(frozen=True)
class Block:
    """An entry as text, not indented: the comments above it, and the lines of key and value."""

    comments: tuple[str, ...]
    lines: tuple[str, ...]

    @classmethod
    def of_value(cls, key: str, value: Any) -> Block:
        """Format `key: value` as a person would write it."""
        text = yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True,
                         width=4096, default_flow_style=False)  # fmt: skip
        return cls((), tuple(text.splitlines()))

    @classmethod
    def of_mapping(cls, key: str, children: list[Block]) -> Block:
        """Return a mapping: `key:` with `children` as its entries."""
        head = cls.of_value(key, None).lines[0].removesuffix(" null")
        return cls((), (head, *(line for child in children for line in child.indented(STEP))))

    def named(self, key: str) -> Block:
        """Return this entry under another key."""
        rest = self.lines[0][_key_length(self.lines[0]) :]
        return replaced(self, lines=(_written(key) + rest, *self.lines[1:]))

    def with_comments_of(self, other: Block) -> Block:
        """Return this entry with the comments of the key of `other`."""
        comment = end_comment(other.lines[0])
        if comment and len(self.lines) == 1:
            return Block(other.comments, (f"{self.lines[0]}  {comment}",))
        return self.below(other.heading())

    def heading(self) -> tuple[str, ...]:
        """Return the comments above the key and at the end of its line."""
        comment = end_comment(self.lines[0])
        return (*self.comments, comment) if comment else self.comments

    def below(self, comments: tuple[str, ...]) -> Block:
        """Return this entry with `comments` above its own."""
        return replaced(self, comments=(*comments, *self.comments))

    def indented(self, by: str) -> list[str]:
        """Return the lines, each indented with `by`; empty lines stay empty."""
        return [by + line if line.strip() else line for line in (*self.comments, *self.lines)]


def _written(key: str) -> str:
    return Block.of_value(key, None).lines[0].removesuffix(": null")


def _key_length(line: str) -> int:
    node = yaml.compose(line.partition(": ")[0].rstrip(":") + ":", Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    return int(node.value[0][0].end_mark.column)


def end_comment(line: str) -> str:
    """Return the comment at the end of `line`, or an empty text."""
    try:
        tokens = list(yaml.scan(line.rstrip(), Loader=yaml.SafeLoader))
    except yaml.YAMLError:  # the value continues on the next line, so there is no comment here
        return ""
    last = max(
        token.end_mark.index for token in tokens if token.end_mark.index > token.start_mark.index
    )
    rest = _END_COMMENT.search(line, max(last - 1, 0))
    return rest[1] if rest else ""


class _Dumper(yaml.SafeDumper):
    """Write text so that Helm reads it unchanged, and several lines as a block."""

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
