"""Say each thing once, at the place where it can be mended."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Problem

# of a value that is not of its kind, nothing else is to be said
_OF_A_VALUE = frozenset({"value", "quantity", "unknown-key", "misplaced-key", "missing-key"})


def tidied(problems: Iterable[Problem]) -> list[Problem]:
    """Of problems of a key's value at one place, the one that was found first."""
    kept: dict[object, Problem] = {}
    spoken: set[tuple[str, object]] = set()
    for problem in problems:
        place = (problem.key, problem.origin)
        if problem.rule in _OF_A_VALUE:
            if place in spoken:
                continue
            spoken.add(place)
        kept.setdefault((*place, problem.rule, problem.message), problem)
    return list(kept.values())
