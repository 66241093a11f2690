"""Run the administrator's code: `jupyterhub_config.d/*.py`, then `hub.extraConfig`.

All snippets share one namespace, as in the public chart, because many use names that earlier ones
define. Each is compiled under its own file name, which tracebacks show.
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
from .keys import INVALID
from .profile_rules import RULES, closest_rule

if TYPE_CHECKING:
    from traitlets.config import Config

    from .values import Values

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snippet:
    """Python code: its key, text, file name in tracebacks, and path in the values."""

    key: str
    text: str
    filename: str
    path: Path | None = None

    def compiled(self) -> CodeType:
        """Return the compiled code. Raises SyntaxError, or ValueError for a null byte."""
        return compile(self.text, self.filename, "exec")


def snippets(values: Values) -> Iterator[Snippet]:
    """Yield the snippets in the order in which they run."""
    for file in values.config_files():
        yield Snippet(
            f"jupyterhub_config.d/{file.name}",
            file.read_text("utf-8"),
            str(file),
        )
    snippets = values.get("hub.extraConfig")
    if isinstance(snippets, str):
        snippets = {"": snippets}
    for key, text in sorted((snippets or {}).items()) if isinstance(snippets, dict) else ():
        if text is not None and isinstance(text, str):
            dotted = f"hub.extraConfig.{key}" if key else "hub.extraConfig"
            path = ("hub", "extraConfig", key) if key else ("hub", "extraConfig")
            yield Snippet(dotted, text, f"<{dotted}>", path)


def problems(values: Values) -> Iterator[Problem]:
    """Report values of `hub.extraConfig` that are not text, and code that does not compile."""
    code = values.get("hub.extraConfig")
    if code is not None and not isinstance(code, (str, dict)):
        yield values.problem(
            "hub.extraConfig", INVALID, expected="a mapping of names to Python code"
        )
    for key, text in code.items() if isinstance(code, dict) else ():
        if text is not None and not isinstance(text, str):
            yield values.problem(
                f"hub.extraConfig.{key}", INVALID, given=text, expected="Python code"
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
        f"syntax error in line {line}: {getattr(error, 'msg', error)}",
        given=text or MISSING,
        expected="Python code",
        origin=origin,
        rule="python",
    )


def named_at_load(snippet: Snippet) -> set[str]:
    """Return all names and string constants in the code that runs while the hub starts.

    Bodies of functions are excluded, since they may run later.
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
    """Whether `code` is the body of a class or a comprehension, not a function."""
    return not code.co_flags & CO_OPTIMIZED or code.co_name.endswith(("comp>", "genexpr>"))


def own_keys(values: Values) -> set[str]:
    """Return keys that look like access rules of profiles and that snippets read from mappings.

    Keys that a snippet writes, such as those of a profile, do not count.
    """
    keys = set()
    for snippet in snippets(values):
        try:
            tree = ast.parse(snippet.text)
        except (SyntaxError, ValueError):
            continue  # `problems` reports it
        keys |= {key for node in ast.walk(tree) for key in _read(node) if closest_rule(key)}
    return {key for key in keys - set(RULES) if key.lower().startswith("allow")}


def _read(node: ast.AST) -> Iterator[str]:
    """Yield the constant keys that an expression reads: `x["a"]`, `x.get("a")`, `"a" in x`."""
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
    """Run all snippets on `c`. Their exceptions propagate."""
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
    """Return every global name that the code, including nested code, uses."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*map(_names, inner))
