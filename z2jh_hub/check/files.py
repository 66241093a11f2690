"""Read values files, and report problems of their YAML."""

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
from . import helm_set, umbrella, yaml_errors

# more than any real file has; nested aliases can expand without limit
MOST_NODES = 500_000


class CannotRead(Exception):
    """The file does not exist or cannot be read."""


@dataclass(frozen=True)
class Document:
    """One file: its text, its values (None if it has none), and its problems."""

    file: str
    text: str
    source: Source | None
    problems: list[Problem] = field(default_factory=list)

    def line(self, number: int | None) -> str | None:
        """Return line `number`, counted from 1."""
        lines = self.text.splitlines()
        return lines[number - 1] if number and number <= len(lines) else None


def load(file: Path, at: str | None = None) -> Document:
    """Read a file; of an umbrella chart's, the part `at` (see `umbrella`). Raises CannotRead."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}") from None
    name = str(file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Document(name, "", None, [_not_utf8(name, data, error)])
    return parse(text, name, at)


def parse(text: str, file: str, at: str | None = None) -> Document:
    """Parse `text` as the content of the file named `file`."""
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _check_aliases(root)
        source = sources.parse(text, file)
    except yaml.YAMLError as error:
        return Document(file, text, None, [yaml_errors.explain(error, text, file)])
    except ConfigError as error:
        cause = error.__context__
        if isinstance(cause, yaml.YAMLError):
            return Document(file, text, None, [yaml_errors.explain(cause, text, file)])
        return Document(file, text, None, list(error.problems))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        # raised by PyYAML for a value that does not match its tag
        return Document(file, text, None, [yaml_errors.explain(error, text, file)])
    source = umbrella.part(source, at)
    problems = umbrella.notes(source)
    for path, node in _walk(root):
        problems += _duplicates(path, node, file)
        problems += yaml_errors.curly_quotes(path, node, file)
    return Document(file, text, source, problems)


def _check_aliases(root: yaml.Node | None) -> None:
    """Raise ValueError for aliases that refer to themselves or expand to too many values."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in open_nodes:
            raise ValueError("an alias refers to a value that contains it")
        open_nodes.add(id(node))
        total = 1 + sum(size(child) for child in _children(node))
        open_nodes.discard(id(node))
        sizes[id(node)] = total
        return total

    if root is not None and size(root) > MOST_NODES:
        raise ValueError(f"aliases expand to more than {MOST_NODES} values")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _walk(root: yaml.Node | None) -> Iterator[tuple[KeyPath, yaml.Node]]:
    """Yield every node once, with the first path that leads to it."""
    stack: list[tuple[KeyPath, Any]] = [((), root)] if root else []
    known: set[int] = set()
    while stack:
        path, node = stack.pop()
        if id(node) in known:
            continue
        known.add(id(node))
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
                f"duplicate key; Helm ignores the value in line {first[name]}",
                expected="each key once in its mapping",
                hint="merge the two, or rename one of them",
                origin=Origin(file, line, key.start_mark.column + 1),
                rule="duplicate-key",
            )
        first.setdefault(name, line)


def _not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    line = data[: error.start].count(b"\n") + 1
    return Problem(
        "(file)",
        "the file is not UTF-8 text",
        given="UTF-16" if utf16 else "an invalid UTF-8 byte",
        expected="a YAML file in UTF-8",
        hint="save the file as UTF-8; PowerShell's `>` writes UTF-16"
        if utf16
        else "save the file as UTF-8",
        origin=Origin(file, None if utf16 else line),
        rule="yaml",
    )


def read(files: Sequence[Path], sets: Sequence[str] = ()) -> Values:
    """Return the merged values of files. Raises CannotRead, SetError, ConfigError."""
    documents = [load(file) for file in files]
    wrong = [p for document in documents if not document.source for p in document.problems]
    if wrong:
        raise ConfigError(wrong)
    return values_of([document.source for document in documents if document.source], sets)


class SetSource(Source):
    """Values from `--set`, which have no line numbers."""

    def origin(self, path: KeyPath) -> Origin | None:
        return None if find(self.data, path) is MISSING else Origin("--set")


def values_of(files: Sequence[Source], sets: Sequence[str] = ()) -> Values:
    """Merge the chart's defaults, the files' values and `sets`. Raises SetError."""
    merged: dict[str, Any] = {}
    sets = umbrella.sets_of(sets, files)
    for source in files:
        merged = sources.merge(merged, source.data)
    if sets:
        # named like the last file, so that missing keys are reported there, not in `--set`
        files = [*files, SetSource(files[-1].file, helm_set.apply({}, sets))]
        # an index such as a[0] changes the list of a file
        merged = helm_set.apply(merged, sets)
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    data = sources.merge_as_helm(defaults, merged)
    return Values(data, files, given=merged, environ=sources.environment())
