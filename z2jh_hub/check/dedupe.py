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
# rules about a value as a whole, which are not reported above a finding of `hub-start`
_WHOLE = frozenset({"trait-value"})
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
    precise = [problem.key for problem in problems if problem.rule == "hub-start"]
    problems = [
        p for p in problems
        if p.rule not in _WHOLE or not any(_is_below(key, {p.key}) for key in precise)
    ]  # fmt: skip
    wrong = [p for p in problems if p.rule in _OF_A_VALUE and p.severity == "error"]
    problems = [p for p in problems if p.rule != "hub-start" or not _is_explained(p, wrong)]
    explained = {above for p in problems if p.severity == "error" for above in _above(p.key)}
    problems = [p for p in problems if p.rule != "trait-value" or p.key not in explained]
    problems = [p for p in problems if not _is_located_elsewhere(p, wrong)]
    problems = [p for p in problems if not _is_below_it(p, wrong)]
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


def _is_explained(problem: Problem, wrong: Iterable[Problem]) -> bool:
    """Return whether a wrong value is at the key of a problem or below, or on its line of code."""
    key = problem.key
    if key.startswith(_CODE):
        return any((other.key, other.origin) == (key, problem.origin) for other in wrong)
    keys = (other.key for other in wrong)
    return key.count(".") > 1 and any(k == key or k.startswith(f"{key}.") for k in keys)


def _is_located_elsewhere(problem: Problem, wrong: Iterable[Problem]) -> bool:
    """Return whether a rejected pod is blamed on a whole section that has a wrong value."""
    vague = problem.severity == "warning" and "." not in problem.key
    return vague and problem.rule == "pod-rejected" and any(
        other.rule == problem.rule and _is_below(other.key, {problem.key}) for other in wrong
    )  # fmt: skip


def _is_below_it(problem: Problem, wrong: Iterable[Problem]) -> bool:
    """Return whether an item of a list is reported with the same correction as the list."""
    return problem.rule == "pod-rejected" and any(
        problem.hint and other.hint == problem.hint and _is_below(other.key, {problem.key})
        for other in wrong
    )


def _is_below(key: str, unread: set[str]) -> bool:
    return any(above in unread for above in _above(key))


def _above(key: str) -> list[str]:
    """Return the keys of the mappings that contain `key`."""
    parts = key.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
