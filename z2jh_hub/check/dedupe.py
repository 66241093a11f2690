"""Say each thing once, at the place where it can be mended."""

from __future__ import annotations

from collections.abc import Iterable

from ..config.errors import Problem

# of a value that is not of its kind, nothing else is to be said
_OF_A_VALUE = frozenset(
    {
        "value",
        "quantity",
        "unknown-key",
        "misplaced-key",
        "missing-key",
        "image-tag",
        "placeholder",
        "secret",
    }
)
# of what stands below a key that nothing reads, nothing is to be said at all
_UNREAD = frozenset({"unknown-key", "misplaced-key"})


def tidied(problems: Iterable[Problem]) -> list[Problem]:
    """Of problems of a key's value at one place, the one that was found first."""
    problems = list(problems)
    unread = {problem.key for problem in problems if problem.rule in _UNREAD}
    problems = [p for p in problems if p.rule not in _UNREAD or not _is_below(p.key, unread)]
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


def _is_below(key: str, unread: set[str]) -> bool:
    parts = key.split(".")
    return any(".".join(parts[:length]) in unread for length in range(1, len(parts)))
