"""The prose of a file, line by line: what people read in Markdown, Python, YAML and scripts."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import PurePath

import yaml

Lines = Iterator[tuple[int, str]]
FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
COMMENT = re.compile(r"(?:^|\s)#+ (.*)")


def extract(path: str, text: str) -> Lines:
    """Yield (line, prose) of a file; code and addresses are left out."""
    reader = _reader(path)
    return reader(text) if reader else iter(())


def understands(path: str) -> bool:
    """Whether the prose of this kind of file can be extracted."""
    return _reader(path) is not None


def names(path: str, text: str) -> Lines:
    """Yield (line, name) of the variables, parameters and functions that Python code defines."""
    if PurePath(path).suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def _markdown(text: str) -> Lines:
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, CODE.sub("…", line)


def _python(text: str) -> Lines:
    """Comments, docstrings, and other text of more than one word; test names as sentences."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for offset, line in enumerate(node.value.splitlines()):
                yield node.lineno + offset, CODE.sub("…", line)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")


def _yaml(text: str) -> Lines:
    """Comments, and text of more than one word; only comments where it is a template."""
    yield from _comments(text)
    try:
        documents = list(yaml.compose_all(text, Loader=LOADER))
    except yaml.YAMLError:
        return
    for document in filter(None, documents):
        yield from _scalars(document)


def _scalars(node: yaml.Node) -> Lines:
    if isinstance(node, yaml.ScalarNode):
        if " " in node.value:
            first = node.start_mark.line + 1 + (node.style in ("|", ">"))
            for offset, line in enumerate(node.value.splitlines()):
                yield first + offset, CODE.sub("…", line)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)


def _comments(text: str) -> Lines:
    for number, line in enumerate(text.splitlines(), 1):
        if match := COMMENT.search(line):
            yield number, CODE.sub("…", match[1])


def _lines(text: str) -> Lines:
    return enumerate(text.splitlines(), 1)


READERS: dict[str, Callable[[str], Lines]] = {
    ".html": _lines,
    ".md": _markdown,
    ".py": _python,
    ".tpl": _lines,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": _comments,
    ".in": _comments,
    "Makefile": _comments,
    "Dockerfile": _comments,
    "NOTES.txt": _lines,
}
SCRIPTS = re.compile(r"^(\.ci|tools|images|tests/cluster)/[\w-]+$")


def _reader(path: str) -> Callable[[str], Lines] | None:
    file = PurePath(path)
    reader = READERS.get(file.name) or READERS.get(file.suffix)
    if reader is None and (SCRIPTS.match(path) or file.name.startswith(".")):
        return _comments
    return reader
