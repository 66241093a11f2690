"""Read an administrator's files, each with what is wrong with its YAML."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..chart import chart_files
from ..config import sources
from ..config.errors import MISSING, ConfigError, Origin, Problem
from ..config.errors import Path as KeyPath
from ..config.key_paths import find
from ..config.sources import Source
from ..config.values import Values
from . import helm_set, yaml_errors

# more than any real file; what aliases of aliases expand to has no bound
MOST_NODES = 500_000


class CannotRead(Exception):
    """A file that is not there, or may not be read."""


@dataclass(frozen=True)
class Document:
    """One file: its text, its values (None where it has none), and what is wrong with it."""

    file: str
    text: str
    source: Source | None
    problems: list[Problem] = field(default_factory=list)

    def line(self, number: int | None) -> str | None:
        """Line `number`, counted from 1."""
        lines = self.text.splitlines()
        return lines[number - 1] if number and number <= len(lines) else None


def load(file: Path) -> Document:
    """The file at `file`. Raises CannotRead where there is none."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}") from None
    name = str(file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Document(name, "", None, [_not_utf8(name, data, error)])
    return parsed(text, name)


def parsed(text: str, file: str) -> Document:
    """`text` as the file named `file`."""
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _expanded(root)
        source = sources.parse(text, file)
    except yaml.YAMLError as error:
        return Document(file, text, None, [yaml_errors.told(error, text, file)])
    except ConfigError as error:
        cause = error.__context__
        if isinstance(cause, yaml.YAMLError):
            return Document(file, text, None, [yaml_errors.told(cause, text, file)])
        return Document(file, text, None, list(error.problems))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        # what PyYAML's constructors raise for a value that its own tag does not fit
        return Document(file, text, None, [yaml_errors.told(error, text, file)])
    found: list[Problem] = []
    for path, node in _walk(root):
        found += _duplicates(path, node, file)
        found += yaml_errors.curly_quotes(path, node, file)
    return Document(file, text, source, found)


def _expanded(root: yaml.Node | None) -> None:
    """Raises ValueError for aliases that refer to themselves or expand without measure."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in open_nodes:
            raise ValueError("an alias refers to what it stands in")
        open_nodes.add(id(node))
        total = 1 + sum(size(child) for child in _children(node))
        open_nodes.discard(id(node))
        sizes[id(node)] = total
        return total

    if root is not None and size(root) > MOST_NODES:
        raise ValueError(f"its aliases expand to more than {MOST_NODES} values")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _walk(root: yaml.Node | None) -> Iterator[tuple[KeyPath, yaml.Node]]:
    """Every node once, with the path at which it is met first."""
    stack: list[tuple[KeyPath, Any]] = [((), root)] if root else []
    seen: set[int] = set()
    while stack:
        path, node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        if isinstance(node, yaml.MappingNode):
            stack += [((*path, str(key.value)), value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            stack += [((*path, str(index)), item) for index, item in enumerate(node.value)]


def _duplicates(path: KeyPath, node: yaml.Node, file: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        name, line = str(key.value), key.start_mark.line + 1
        if name in first and name != "<<":
            yield Problem(
                ".".join((*path, name)),
                f"given twice: line {first[name]} has it already, and what stands there is lost",
                expected="a key once in a mapping",
                hint="join the two, or give the second its own name",
                origin=Origin(file, line, key.start_mark.column + 1),
                rule="duplicate-key",
            )
        first.setdefault(name, line)


def _not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    line = data[: error.start].count(b"\n") + 1
    return Problem(
        "(file)",
        "not text in UTF-8",
        given="UTF-16" if utf16 else "a byte that UTF-8 does not have",
        expected="a YAML file in UTF-8",
        hint="save it as UTF-8; PowerShell's `>` writes UTF-16" if utf16 else "save it as UTF-8",
        origin=Origin(file, None if utf16 else line),
        rule="yaml",
    )


def read(files: Sequence[Path], sets: Sequence[str] = ()) -> Values:
    """The values of files. Raises CannotRead, SetError; ConfigError where one is not values."""
    documents = [load(file) for file in files]
    wrong = [p for document in documents if not document.source for p in document.problems]
    if wrong:
        raise ConfigError(wrong)
    return values_of([document.source for document in documents if document.source], sets)


class SetSource(Source):
    """What `--set` gave over the files: a place without lines."""

    def origin(self, path: KeyPath) -> Origin | None:
        return None if find(self.data, path) is MISSING else Origin("--set")


def values_of(found: Sequence[Source], sets: Sequence[str] = ()) -> Values:
    """The files' values over the chart's defaults, then `sets`. Raises SetError."""
    given: dict[str, Any] = {}
    for source in found:
        given = sources.merge(given, source.data)
    if sets:
        # under the last file's name: what nothing gave is missing there, not in `--set`
        found = [*found, SetSource(found[-1].file, helm_set.laid_on({}, sets))]
        # an item of a list is set within the list that a file gave
        given = helm_set.laid_on(given, sets)
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    data = sources.merge_as_helm(defaults, given)
    return Values(data, found, given=given, environ=sources.environment())
