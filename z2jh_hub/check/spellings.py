"""Explain code that treats a setting as a list which the chart writes as a mapping today."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .code import Piece

# settings of KubeSpawner that the chart writes as mappings of names to entries, and such an entry
MAPPINGS = {
    "volumes": "volume",
    "volume_mounts": "mount",
    "init_containers": "container",
    "extra_containers": "container",
}
# what Python raises for a list's operation on a mapping
RAISED = ("AttributeError", "KeyError", "TypeError")
_METHODS = ("append", "extend", "insert", "remove")


def hint(piece: Piece, line: int, raised: str) -> str:
    """Return the current spelling of the code in `line`, if it treats a mapping as a list."""
    if raised not in RAISED or piece.tree is None:
        return ""
    for node in _in_line(piece.tree, line):
        result = _of_node(node)
        if result:
            return result
    return ""


def _in_line(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        place = node.target if isinstance(node, ast.comprehension) else node
        if isinstance(place, (ast.expr, ast.stmt)):
            start = place.lineno
            end = place.end_lineno or start
            compound = isinstance(node, ast.stmt) and hasattr(node, "body")
            if start <= line <= (start if compound else end):
                yield node


def _of_node(node: ast.AST) -> str:
    match node:
        case ast.AugAssign(target=ast.Attribute() as owner) if owner.attr in MAPPINGS:
            return _spelling(owner)
        case ast.Call(func=ast.Attribute(value=ast.Attribute() as owner, attr=method)) if (
            owner.attr in MAPPINGS and method in _METHODS
        ):
            return _spelling(owner)
        case (
            ast.For(iter=ast.Attribute() as owner)
            | ast.comprehension(iter=ast.Attribute() as owner)
            | ast.Subscript(value=ast.Attribute() as owner)
            | ast.Starred(value=ast.Attribute() as owner)
            | ast.BinOp(left=ast.Attribute() as owner)
            | ast.BinOp(right=ast.Attribute() as owner)
        ) if owner.attr in MAPPINGS:
            return _spelling(owner)
    return ""


def _spelling(owner: ast.Attribute) -> str:
    name, entry = ast.unparse(owner), MAPPINGS[owner.attr]
    return (
        f'{owner.attr} is a mapping of names to {entry}s: write `{name}["NAME"] = {{…}}` to add '
        f"a {entry}, and `{name}.values()` to loop over all {entry}s"
    )
