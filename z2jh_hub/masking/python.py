"""Find secrets in Python: literals that are assigned to, or compared with, names of secrets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeGuard

from .names import is_secret_name
from .paths import REFERENCE_FIELDS, is_secret
from .text import HIDDEN, without_secrets, without_shapes

_LITERAL = f'"{HIDDEN}"'
_COMMENT = re.compile(r"(?m)(?P<start>(?:^|\s)#)(?P<text>.*)$")
# keys next to the `key` of a toleration, a label selector or an item of a volume
_BESIDE_A_LABEL = frozenset({"operator", "effect", "values", "name", "path"})
# functions that decode their argument, which may be a secret in a form that no pattern shows
_DECODERS = frozenset(
    {"b64decode", "standard_b64decode", "urlsafe_b64decode", "b32decode", "b16decode", "a85decode",
     "b85decode", "decodebytes", "unhexlify", "a2b_hex", "a2b_base64", "fromhex"}
)  # fmt: skip
# functions whose first argument is the name of the value that they return
_BY_NAME = frozenset({"get", "getenv", "get_config", "get_secret_value", "pop", "setdefault"})


@lru_cache(maxsize=256)
def without_secrets_in(code: str) -> str:
    """Return `code` with secrets masked and line numbers unchanged."""
    try:
        tree = ast.parse(code)
        nodes = list(_secrets(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return without_secrets(code)
    nodes += [node for node in ast.walk(tree) if _contains_secret(node)]
    lines = [line.encode() for line in code.splitlines(keepends=True)]
    end = (len(lines) + 1, 0)
    for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        last = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        if last > end:
            continue  # part of this node is already masked
        end = (node.lineno, node.col_offset)
        first, behind = lines[end[0] - 1], lines[last[0] - 1][last[1] :]
        lines[end[0] - 1] = first[: end[1]] + _LITERAL.encode() + (
            behind if last[0] == end[0] else b"\n"
        )  # fmt: skip
        for number in range(end[0], last[0]):
            lines[number] = behind if number == last[0] - 1 else b"\n"
    masked = b"".join(lines).decode()
    masked = _COMMENT.sub(lambda m: m["start"] + without_secrets(m["text"]), masked)
    return without_shapes(masked)


def literals(code: str) -> set[str]:
    """Return the secrets in `code`."""
    try:
        nodes = list(_secrets(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _secrets(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _assigned(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _assigned(target, value)
            case (
                ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
            ):
                yield from _assigned(target, value)
            case ast.Dict(keys=keys, values=values):
                yield from _entries({_text(k): v for k, v in zip(keys, values, strict=True)})
            case ast.Call():
                yield from _of_call(node)
            case ast.Compare(left=left, comparators=others):
                if any(is_secret_name(_name(side)) for side in (left, *others)):
                    for side in (left, *others):
                        yield from _constants(side)
            case ast.arguments():
                yield from _of_defaults(node)


def _contains_secret(node: ast.AST) -> TypeGuard[ast.expr]:
    """Return whether a literal is a line that assigns a secret, such as a connection string."""
    text = _text(node)
    is_prose = "=" not in text or "\n" in text
    return not is_prose and without_secrets(text) != without_shapes(text)


def _of_defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    pairs = [
        *zip(arguments.args[::-1], arguments.defaults[::-1], strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if default is not None and is_secret_name(argument.arg):
            yield from _constants(default)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        if len(parts) == len(target.elts):
            for one, part in zip(target.elts, parts, strict=True):
                yield from _assigned(one, part)
        elif any(is_secret_name(_name(one)) for one in target.elts):
            yield from _constants(value)
    elif is_secret(_path(target)) or _is_login(_name(target), value):
        yield from _constants(value)


def _of_call(call: ast.Call) -> Iterator[ast.expr]:
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    yield from _entries(named)
    if _name(call.func) in _DECODERS:
        for argument in call.args:
            yield from _constants(argument)
    if call.args and is_secret_name(_text(call.args[0]).rpartition(".")[2]):
        for argument in (*call.args[1:], *named.values()):
            yield from _constants(argument)


def _entries(entries: dict[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield the secrets in a mapping, or in the keyword arguments of a call."""
    name = _text(entries.get("name"))
    for key, value in entries.items():
        is_label = key == "key" and not _BESIDE_A_LABEL.isdisjoint(entries)
        is_reference = isinstance(value, ast.Dict) and REFERENCE_FIELDS.issuperset(
            map(_text, value.keys)
        )
        if key == "value":
            yield from _constants(value) if is_secret((name,)) else ()
        elif not is_label and not is_reference and (is_secret((key,)) or _is_login(key, value)):
            yield from _constants(value)


def _is_login(name: str, value: ast.expr) -> bool:
    """Return whether a value is a user name and a password, as HTTP clients take them."""
    return name == "auth" and isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == 2


def _constants(value: ast.expr) -> Iterator[ast.expr]:
    """Yield the literals in a value, except the names under which it is looked up."""
    if isinstance(value, (ast.Constant, ast.JoinedStr)):
        if isinstance(value, ast.JoinedStr) or (
            value.value not in ("", b"") and not isinstance(value.value, (bool, type(None)))
        ):
            yield value
        return
    if isinstance(value, ast.Subscript):
        yield from _constants(value.value)
        return
    children = list(ast.iter_child_nodes(value))
    if isinstance(value, ast.Call) and _name(value.func) in _BY_NAME:
        children = [value.func, *value.args[1:], *(k.value for k in value.keywords)]
    for child in children:
        if isinstance(child, (ast.expr, ast.keyword)):
            yield from _constants(child.value if isinstance(child, ast.keyword) else child)


def _path(node: ast.AST) -> tuple[str, ...]:
    """Return `("Class", "trait")` of `c.Class.trait`, else the last name."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        owner = _name(node.value)
        if owner[:1].isupper():
            return (owner, _name(node))
    return (_name(node),)


def _name(node: ast.AST | None) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=inner):
            return _text(inner)
    return ""


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
