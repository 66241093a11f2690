"""Explain why the hub does not start: the place of each failure in the values, and what helps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from ..config.errors import MISSING, Path, Problem
from ..config.values import Values
from ..masking import is_secret
from . import code, queries
from .code import Piece
from .start_messages import EXPLANATIONS

RULE = "hub-start"
# traits of JupyterHub whose entries have their own key, by name
KEYED = {"load_roles": "loadRoles", "services": "services"}
# keys that set a trait of JupyterHub
KEYS = {"db_url": ("hub.db.url",), "cookie_secret": ("hub.cookieSecret",)}
_PASSWORD = {
    "message": "this code adds hub.db.password to the database URL, which the chart does itself",
    "expected": "a URL without a password",
    "hint": "remove the code that adds the password",
    "severity": "warning",
    "rule": RULE,
}
AUTHENTICATOR: Path = ("hub", "config", "JupyterHub", "authenticator_class")


def problems(values: Values, answer: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each failure that `sandbox.run_checks.check` reports of the start."""
    pieces = code.pieces(values)
    raised = answer["raised"]
    if raised and not code.innermost(raised["frames"], pieces):
        reason = f"{raised['type']}: {raised['message']}"
        yield values.problem(
            "hub", f"the hub does not start: its configuration raises {reason}",
            given=MISSING, rule=RULE,
        )  # fmt: skip
    at = code.innermost([answer["password"]], pieces) if answer["password"] else None
    if at:
        yield _in_code(*at, _PASSWORD)
    lost = {name: one["place"] for one in answer.get("entries") or () for name in one["names"]}
    for failure in answer["start"] or ():
        if failure["value"] in lost:
            failure = {**failure, "lost_at": lost[failure["value"]]}
        yield problem(values, failure, pieces, _details(values, failure))


def problem(
    values: Values, failure: dict[str, Any], pieces: list[Piece], details: dict[str, Any]
) -> Problem:
    """Return a problem with `details` at the place that caused the failure."""
    path, at = _place(values, failure, pieces)
    if at:
        return _in_code(*at, details)
    key = queries.existing(values, path) or ("hub",)
    given = values.get(key) if len(key) == len(path) else MISSING
    shown = given if isinstance(given, (str, int, float)) else MISSING
    return values.problem(key, **{"given": shown, **details})


def _details(values: Values, failure: dict[str, Any]) -> dict[str, Any]:
    message = " ".join(failure["message"].split())
    fields = {**failure, "cls": next(iter(failure["classes"]), ""), "message": message}
    fields["field"] = (failure["path"] or [failure["trait"]])[:2][-1]
    fields["words"] = ", ".join(str(failure["value"]).replace(",", " ").split())
    severity = "note" if failure["here"] or _is_of_image(values, failure) else "error"
    near = f"did you mean {failure['near']}?" if failure.get("near") else ""
    for pattern, text, expected, hint in EXPLANATIONS:
        result = re.search(pattern, message, re.DOTALL)
        if result:
            fields.update(result.groupdict())
            return {
                "message": text.format(**fields),
                "expected": expected.format(**fields),
                "hint": near or hint.format(**fields),
                "severity": severity,
                "rule": RULE,
            }
    reason = f"{failure['type']}: {message}" if message else failure["type"]
    start = "the hub does not start" if severity == "error" else "the hub did not start here"
    start += " with this value" if failure["trait"] else ""
    return {"message": f"{start}: {reason}", "hint": near, "severity": severity, "rule": RULE}


def _is_of_image(values: Values, failure: dict[str, Any]) -> bool:
    """Return whether a hub image of the administrator may contain what is missing."""
    return failure["type"] == "DriverMissing" and bool(
        queries.as_mapping(values.given.get("hub")).get("image")
    )


def _place(
    values: Values, failure: dict[str, Any], pieces: list[Piece]
) -> tuple[Path, tuple[Piece, int] | None]:
    """Return the path in the values, or else the piece of Python and its line."""
    trait = failure["trait"]
    by_name = _named(values, failure)
    if by_name:
        return by_name, None
    # a role of the chart for a service of the chart that code has removed
    lost = code.innermost([failure["lost_at"]], pieces) if failure.get("lost_at") else None
    if lost:
        return (), lost
    at = code.innermost([failure["place"]], pieces) if failure["place"] else None
    if at:
        return (), (at[0], _line(at[0], failure) or at[1])
    for key in KEYS.get(trait, ()):
        if values.has(key):
            return tuple(key.split(".")), None
    for name in failure["classes"] if trait else ():
        if values.has(("hub", "config", name, trait)):
            return ("hub", "config", name, trait, *failure["path"]), None
    at = code.innermost(failure["frames"], pieces)
    if at:
        return (), at
    is_hub = failure["classes"][:1] in ([], ["JupyterHub"])
    for name in failure["classes"]:
        if not is_hub and values.has(("hub", "config", name)):
            return ("hub", "config", name, trait), None
    return (("hub", "config", "JupyterHub", trait) if is_hub else AUTHENTICATOR), None


def _named(values: Values, failure: dict[str, Any]) -> Path:
    """Return the path of a failed entry that the values define by its name."""
    key, name = KEYED.get(failure["trait"]), failure["entry"]
    if not key or not failure["path"]:
        return ()
    for path, entry in [
        *queries.mappings(values, f"hub.{key}"),
        *queries.mappings(values, f"hub.config.JupyterHub.{failure['trait']}"),
    ]:
        if entry.get("name", path[-1]) == name:
            return (*path, *failure["path"][1:])
    return ()


def _line(piece: Piece, failure: dict[str, Any]) -> int | None:
    """Return the line of a piece that contains the value, or else the name of its entry."""
    for text in (failure["value"], failure["entry"]):
        for node in ast.walk(piece.tree) if piece.tree and text else ():
            if isinstance(node, ast.Constant) and node.value == text:
                return node.lineno
    return None


def _in_code(piece: Piece, line: int, details: dict[str, Any]) -> Problem:
    text = piece.text.splitlines()
    source = text[line - 1].strip() if 0 < line <= len(text) else MISSING
    shown = MISSING if isinstance(source, str) and is_secret((source,)) else source
    return Problem(piece.key, **{"given": shown, **details}, origin=piece.origin(line))
