"""Run the administrator's own code: `jupyterhub_config.d/*.py`, then `hub.extraConfig`.

All of it shares one namespace, in order, as in the public chart: most deployments use
in one snippet what an earlier one defined. Each piece is compiled under its own name,
so that a traceback says which one it is about.
"""

from __future__ import annotations

import ast
import linecache
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import TYPE_CHECKING, Any

from . import snippet_namespace
from .errors import MISSING, Origin, Path, Problem
from .profile_rules import RULES, closest_rule

if TYPE_CHECKING:
    from traitlets.config import Config

    from .values import Values

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snippet:
    """A piece of Python: its key, its text, its name in tracebacks, its path in the values."""

    key: str
    text: str
    filename: str
    path: Path | None = None

    def compiled(self) -> CodeType:
        """The code. Raises SyntaxError, or ValueError for a null byte."""
        return compile(self.text, self.filename, "exec")


def snippets(values: Values) -> Iterator[Snippet]:
    """All pieces in the order in which they run."""
    for file in values.config_files():
        yield Snippet(
            f"jupyterhub_config.d/{file.name}",
            file.read_text("utf-8"),
            str(file),
        )
    given = values.get("hub.extraConfig")
    if isinstance(given, str):
        given = {"": given}
    for key, text in sorted((given or {}).items()) if isinstance(given, dict) else ():
        if text is not None and isinstance(text, str):
            dotted = f"hub.extraConfig.{key}" if key else "hub.extraConfig"
            path = ("hub", "extraConfig", key) if key else ("hub", "extraConfig")
            yield Snippet(dotted, text, f"<{dotted}>", path)


def problems(values: Values) -> Iterator[Problem]:
    """`hub.extraConfig` that is no text, and code that does not compile."""
    given = values.get("hub.extraConfig")
    if given is not None and not isinstance(given, (str, dict)):
        yield values.problem(
            "hub.extraConfig", "not code", expected="a mapping of names to Python, or Python"
        )
    for key, text in given.items() if isinstance(given, dict) else ():
        if text is not None and not isinstance(text, str):
            yield values.problem(
                f"hub.extraConfig.{key}", "not code", given=text, expected="Python, as text"
            )
    for snippet in snippets(values):
        try:
            snippet.compiled()
        except (SyntaxError, ValueError) as error:
            yield _syntax_problem(values, snippet, error)


def _syntax_problem(values: Values, snippet: Snippet, error: Exception) -> Problem:
    line = getattr(error, "lineno", None) or 1
    text = (getattr(error, "text", None) or "").strip()
    if snippet.path:
        origin = values.origin_in_text(snippet.path, line)
    else:
        origin = Origin(snippet.filename, line)
    return Problem(
        snippet.key,
        f"line {line} does not compile: {getattr(error, 'msg', error)}",
        given=text or MISSING,
        expected="Python",
        origin=origin,
        rule="python",
    )


def named_at_load(snippet: Snippet) -> set[str]:
    """Every name, and every word in quotes, in what runs while the hub starts.

    That is all but the inside of functions, which may be called at any time.
    """
    return set(_named_at_load(snippet.compiled()))


def _named_at_load(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, str):
            yield const
        elif isinstance(const, tuple):  # the names of keyword arguments
            yield from (each for each in const if isinstance(each, str))
        elif isinstance(const, CodeType) and _runs_at_load(const):
            yield from _named_at_load(const)


def _runs_at_load(code: CodeType) -> bool:
    """Whether it is the body of a class, or a comprehension; not a function."""
    return not code.co_flags & CO_OPTIMIZED or code.co_name.endswith(("comp>", "genexpr>"))


def own_keys(values: Values) -> set[str]:
    """Keys that snippets read of mappings and that look like rules of profiles.

    A key of a mapping that a snippet writes, such as a profile, is none.
    """
    found = set()
    for snippet in snippets(values):
        try:
            tree = ast.parse(snippet.text)
        except (SyntaxError, ValueError):
            continue  # `problems` reports it
        found |= {key for node in ast.walk(tree) for key in _read(node) if closest_rule(key)}
    return {key for key in found - set(RULES) if key.lower().startswith("allow")}


def _read(node: ast.AST) -> Iterator[str]:
    """The constant keys that an expression reads: `x["a"]`, `x.get("a")`, `"a" in x`."""
    keys: list[ast.expr] = []
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        keys = [node.slice]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        keys = node.args[:1] if node.func.attr in ("get", "pop") else []
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        keys = [node.left]
    for key in keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def run(values: Values, c: Config) -> None:
    """Run all pieces on `c`. What one raises goes through, with its name in the traceback."""
    shared: dict[str, Any] = {}
    for snippet in snippets(values):
        code = snippet.compiled()
        if not shared:
            snippet_namespace.make_importable()
            shared = snippet_namespace.of(c)
        shared.update(snippet_namespace.imported(_names(code) - shared.keys()))
        if snippet.filename.startswith("<"):
            lines = snippet.text.splitlines(keepends=True)
            linecache.cache[snippet.filename] = (len(snippet.text), None, lines, snippet.filename)
        log.info("Loading %s", snippet.key)
        exec(code, shared)


def _names(code: CodeType) -> set[str]:
    """Every global name that the code, or code within it, speaks of."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*map(_names, inner))
