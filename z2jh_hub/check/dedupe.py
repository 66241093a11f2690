"""Report each mistake once."""

from __future__ import annotations

from collections.abc import Iterable

from ..config.errors import Problem

# rules about a value; only the first finding about a value is reported
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
        "trait-value",
        "home-mount-lost",
        "mount-collision",
        "undefined-volume",
        "guarantee-above-limit",
        "pod-rejected",
        "pod-field",
        "pod-loses",
        "start-fails",
    }
)
# rules about unread keys; such findings below another one are not reported
_UNREAD = frozenset({"unknown-key", "misplaced-key"})

# keys of code, a line of which may contain several values, and the rules about what it raises
_CODE = ("hub.extraConfig", "hub.extraFiles")
_OF_A_LINE = frozenset({"trait-value", "start-fails"})


def dedupe(problems: Iterable[Problem]) -> list[Problem]:
    """Return `problems` without those that repeat or follow from an earlier one."""
    problems = list(problems)
    unread = {problem.key for problem in problems if problem.rule in _UNREAD}
    problems = [p for p in problems if p.rule not in _UNREAD or not _is_below(p.key, unread)]
    unique: dict[object, Problem] = {}
    reported: set[tuple[str, object]] = set()
    for problem in problems:
        place = (problem.key, problem.origin)
        once = _OF_A_LINE if problem.key.startswith(_CODE) else _OF_A_VALUE
        if problem.rule in once:
            if place in reported:
                continue
            reported.add(place)
        unique.setdefault((*place, problem.rule, problem.message), problem)
    return list(unique.values())


def _is_below(key: str, unread: set[str]) -> bool:
    parts = key.split(".")
    return any(".".join(parts[:length]) in unread for length in range(1, len(parts)))
