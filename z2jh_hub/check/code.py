"""Analyse the Python in the values without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..config import snippets
from ..config.errors import MISSING, Origin, Path
from ..config.paths import DEFAULT_ROOT
from ..config.values import Values
from ..sandbox import mounts

# methods of a Config; any other attribute of `c.Class` is a trait
_METHODS = frozenset(dir(dict)) | {"copy", "merge", "collisions", "has_key"}
_CONFIGURED_HERE = "jupyterhub_config.d/"


@dataclass(frozen=True)
class Setting:
    """`c.CLASS.TRAIT` in the code; `value` is the assigned literal, or MISSING."""

    class_name: str
    trait: str
    line: int
    value: Any = MISSING


@dataclass(frozen=True)
class Piece:
    """One piece of Python: its key, its text, and its file name in the sandbox.

    `shared` is true for Python that runs in the namespace of snippets.
    """

    path: Path
    text: str
    filename: str
    shared: bool
    values: Values

    @property
    def key(self) -> str:
        """The dotted key."""
        return ".".join(self.path)

    def origin(self, line: int) -> Origin | None:
        """Return the place of line `line` in the values file."""
        return self.values.origin_in_text(self.path, line)

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree; None if the Python does not compile."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError):
            return None

    def imports(self) -> Iterator[tuple[str, int]]:
        """Yield each imported module with its line."""
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, node.lineno

    def classes(self) -> Iterator[tuple[str, list[str], set[str]]]:
        """Yield each class: its name, the last names of its bases, the names in its body."""
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                targets = [t for n in node.body if isinstance(n, ast.Assign) for t in n.targets]
                yield node.name, bases, {t.id for t in targets if isinstance(t, ast.Name)}

    def settings(self) -> Iterator[Setting]:
        """Yield each trait that the code mentions, in the order of the lines."""
        nodes = ast.walk(self.tree) if self.tree else iter(())
        mentioned = [setting for node in nodes for setting in _settings(node)]
        assigned = {(s.class_name, s.trait, s.line) for s in mentioned if s.value is not MISSING}
        for setting in sorted(mentioned, key=lambda s: s.line):
            place = (setting.class_name, setting.trait, setting.line)
            if setting.value is not MISSING or place not in assigned:
                yield setting

    def quoting(self, name: str) -> list[int]:
        """Return the lines that contain `name` as a string."""
        return [
            number
            for number, text in enumerate(self.text.splitlines(), 1)
            if f'"{name}"' in text or f"'{name}'" in text
        ]

    def global_names(self) -> set[str]:
        """Return the names that it defines for later pieces."""
        names = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)
                 and isinstance(n.ctx, ast.Store)} if self.tree else set()  # fmt: skip
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                names.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        return names


def pieces(values: Values) -> list[Piece]:
    """Return all Python of the values: files, then snippets, in the order in which they run."""
    python = []
    for mount, text, path in mounts.extra_files(values):
        name = mount.removeprefix(f"{DEFAULT_ROOT}/")
        if mount.endswith(".py"):
            python.append(Piece(path, text, name, name.startswith(_CONFIGURED_HERE), values))
    for snippet in snippets.snippets(values):
        if snippet.path:
            python.append(Piece(snippet.path, snippet.text, snippet.filename, True, values))
    return python


def _settings(node: ast.AST) -> Iterator[Setting]:
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            named = _trait(target)
            if named:
                yield Setting(*named, target.lineno, _literal(node.value))
    elif isinstance(node, (ast.Attribute, ast.Subscript)):
        named = _trait(node)
        if named:
            yield Setting(*named, node.lineno)
        elif (class_name := _class(node)) is not None:
            yield Setting(class_name, "", node.lineno)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = _class(node.func.value)
        if owner and node.func.attr == "update":
            for keyword in node.keywords:
                if keyword.arg:
                    yield Setting(owner, keyword.arg, keyword.value.lineno, _literal(keyword.value))
            for argument in node.args:
                for key, value in zip(argument.keys, argument.values, strict=True) if isinstance(
                    argument, ast.Dict) else ():  # fmt: skip
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield Setting(owner, key.value, key.lineno, _literal(value))


def _trait(node: ast.AST) -> tuple[str, str] | None:
    """Return (class, trait) of `c.Class.trait` or `c["Class"]["trait"]`."""
    name = _member(node)
    owner = _class(node.value) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
    if owner and name and not (isinstance(node, ast.Attribute) and name in _METHODS):
        return owner, name
    return None


def _class(node: ast.AST) -> str | None:
    """Return `Class` of `c.Class` or `c["Class"]`."""
    name = _member(node)
    if name and name[:1].isupper() and isinstance(node, (ast.Attribute, ast.Subscript)):
        inner = node.value
        of_call = (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id == "get_config"
            and not inner.args
        )
        if of_call or (isinstance(inner, ast.Name) and inner.id == "c"):
            return name
    return None


def _member(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else None
    return None


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return MISSING


def innermost(frames: list[list[Any]], pieces: list[Piece]) -> tuple[Piece, int] | None:
    """Return the piece and line of the innermost of `frames` that is in a piece."""
    for filename, line in frames:
        for piece in pieces:
            if filename == piece.filename or str(filename).endswith(f"/{piece.filename}"):
                return piece, line
    return None
