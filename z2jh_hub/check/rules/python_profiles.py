"""Check profiles that Python makes by the rules for those in the values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ... import sandbox
from ...config.errors import MISSING, Problem
from ...config.values import Values
from .. import causes, queries, run_checks
from . import overrides, profiles, quantities, traits, volumes

TRAIT = ("hub", "config", "KubeSpawner", "profile_list")
RULES = (profiles, traits, quantities, volumes, overrides)


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield the mistakes of profiles that the values do not contain."""
    try:
        answer = run_checks.answer(values, run_anyway=run_anyway)["pods"]
    except sandbox.Stopped:
        return  # reported by `snippets`
    made = answer["profiles"] if answer else None
    place = (
        causes.locate(values, {"kind": "code", "place": answer["profiles_place"]}) if made else None
    )
    if not place or not place.piece:
        return
    above = ".".join(TRAIT) + "."
    for problem in _problems(values, made):
        if problem.key.startswith(above):
            yield _moved(problem, problem.key.removeprefix(above), place)


def _problems(values: Values, made: Any) -> Iterator[Problem]:
    tree: dict[str, Any] = {}
    node = tree
    for part in TRAIT[:-1]:
        node = node.setdefault(part, {})
    node[TRAIT[-1]] = made
    # without the code, which mentions every key of the profiles that it makes
    hidden = (("singleuser", "profileList"), ("hub", "extraConfig"), ("hub", "extraFiles"))
    shown = values.replaced([TRAIT, *hidden], Values(tree, given={}))
    code = queries.code(values)
    for rule in RULES:
        for problem in rule.findings(shown):
            if problem.rule != "profile-key" or not _is_read(code, problem.key):
                yield problem


def _is_read(code: str, key: str) -> bool:
    """Return whether the code uses a key of a profile other than in a mapping that it writes."""
    name = re.escape(key.rpartition(".")[2])
    return bool(re.search(rf"""(["']){name}\1(?!\s*:)""", code))


def _moved(problem: Problem, path: str, place: causes.Located) -> Problem:
    """Return a problem of the profile at `path` at the line of the code that mentions its key."""
    piece = place.piece
    assert piece is not None
    lines = piece.quoting(path.rpartition(".")[2])
    line = lines[0] if lines else place.line
    given = MISSING if isinstance(problem.given, (dict, list)) else problem.given
    return replace(
        problem, key=piece.key, message=f"profile {path}: {problem.message}", given=given,
        origin=piece.origin(line),
    )  # fmt: skip
