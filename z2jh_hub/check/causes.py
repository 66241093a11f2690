"""Find the key and the line of what a trial of the sandbox names as the cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..config.errors import MISSING, Origin, Path, Problem
from ..config.key_paths import find, key_path
from ..config.suggestions import letters
from ..config.values import Values
from . import code, queries
from .code import Piece

# where values of user pods come from, in the order in which they are searched
ROOTS = ("singleuser", "scheduling", "hub.config", "hub", "custom", "imagePullSecrets")


@dataclass(frozen=True)
class Located:
    """The place of a cause: a path in the values, or a line of Python."""

    values: Values
    path: Path = ()
    piece: Piece | None = None
    line: int = 1

    def problem(self, message: str, **details: Any) -> Problem:
        """Return a problem at this place."""
        if self.piece is None:
            return self.values.problem(self.path, message, **details)
        text = self.piece.text.splitlines()
        source = text[self.line - 1].strip() if 0 < self.line <= len(text) else MISSING
        details = {"given": source, **details}
        return Problem(self.piece.key, message, **details, origin=self.piece.origin(self.line))

    @property
    def origin(self) -> Origin | None:
        """The file and line."""
        return self.piece.origin(self.line) if self.piece else self.values.origin(self.path)


def locate(
    values: Values, cause: dict[str, Any], profiles_place: Any = None, value: Any = MISSING
) -> Located | None:
    """Return the place of a cause of `sandbox.pods`; None if the values do not show it."""
    pieces = code.pieces(values)
    match cause["kind"]:
        case "code":
            return _in_code(values, cause["place"], pieces)
        case "profile":
            steps = [str(step) for step in cause["steps"]]
            for path, profile in queries.profiles(values):
                if queries.slug(profile) == cause["slug"]:
                    return Located(values, queries.existing(values, (*path, *steps)))
            return _quoting(_in_code(values, profiles_place, pieces), steps)
        case "trait":
            names = [str(step) for step in cause["inside"]]
            result = _quoting(_in_code(values, cause["place"], pieces), names)
            return result or _of_trait(values, cause, value)
    return None


def _in_code(values: Values, place: Any, pieces: Sequence[Piece]) -> Located | None:
    at = code.innermost([list(place)], list(pieces)) if place else None
    return Located(values, piece=at[0], line=at[1]) if at else None


def _quoting(place: Located | None, names: Sequence[str]) -> Located | None:
    """Return the line that quotes the last of `names` which the code quotes at all.

    The first such line at or below `place`, else the first one.
    """
    if place is None or place.piece is None:
        return place
    for name in reversed([name for name in names if not name.isdigit()]):
        lines = place.piece.quoting(name)
        if lines:
            return replace(place, line=next((n for n in lines if n >= place.line), lines[0]))
    return place


def _of_trait(values: Values, cause: dict[str, Any], value: Any) -> Located | None:
    inside = tuple(str(step) for step in cause["inside"])
    passed = ("hub", "config", cause["class"], cause["trait"], *inside)
    if find(values.get(()), passed) is not MISSING:
        return Located(values, passed)
    key = (cause["place"] or ("",))[0]
    if key.startswith("key:"):
        given = queries.existing(values, (*key_path(key.removeprefix("key:")), *inside))
        return Located(values, given) if given else None
    names = [step for step in inside if not step.isdigit()] or [cause["trait"]]
    for root in ROOTS:
        path = _named(values, key_path(root), names, value)
        if path:
            return Located(values, path)
    return None


def named(values: Values, names: list[str]) -> Located | None:
    """Return the place below `singleuser` that ends as `names` do, with two of them at least."""
    path = _named(values, ("singleuser",), names, MISSING) if len(names) > 1 else None
    return Located(values, path) if path else None


def template(values: Values, name: str) -> Located | None:
    """Return the place of the first text for user pods with the template `{name}`."""
    for root in ROOTS[:3]:
        for path, item in _walk(values.get(key_path(root)), key_path(root)):
            if isinstance(item, str) and f"{{{name}}}" in item and path[-1] != "description":
                return Located(values, path)
    return None


def _named(values: Values, root: Path, names: list[str], value: Any) -> Path | None:
    """Return the path below `root` that ends as `names` do, and has the value if one is given."""
    best: tuple[int, Path] | None = None
    wanted = [letters(name) for name in names]
    for path, item in _walk(values.get(root), root):
        if "kubespawner_override" in path:
            continue  # of a profile, which is a separate cause
        if letters(path[-1]) != wanted[-1] and not _is_item(item, names[-1]):
            continue
        if value is not MISSING and item != value and not isinstance(item, (dict, list)):
            continue
        score = sum(letters(step) in wanted for step in path) + (values.given_at(path) is not None)
        if best is None or score > best[0]:
            best = score, path
    return best[1] if best else None


def _is_item(item: Any, name: str) -> bool:
    return isinstance(item, dict) and item.get("name") == name


def _walk(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(queries.as_list(node))
    for key, item in pairs:
        yield (*path, str(key)), item
        yield from _walk(item, (*path, str(key)))
