"""Suppress findings on lines with the comment `# z2jh: ignore[rule]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..config.errors import Origin, Problem
from ..config.suggestions import did_you_mean
from .files import Document
from .rules import RULES

_COMMENT = re.compile(r"#\s*z2jh:\s*ignore\[([^\]]*)\]")
# without these, an unreadable file would pass the check
NEVER = frozenset({"file", "yaml"})


def apply(problems: Iterable[Problem], documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the problems that no comment suppresses, and a warning for each unknown rule."""
    suppressed = {
        (document.file, line): rules
        for document in documents
        for line, rules in _comments(document)
    }
    for problem in problems:
        origin = problem.origin
        rules = suppressed.get((origin.file, origin.line or 0), []) if origin else []
        if problem.rule not in rules or problem.rule in NEVER:
            yield problem
    for (file, line), rules in suppressed.items():
        for rule in rules:
            if rule not in RULES:
                yield _unknown_rule(rule, Origin(file, line))


def _comments(document: Document) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(document.text.splitlines(), 1):
        comment = _COMMENT.search(line)
        if comment:
            yield number, [rule.strip() for rule in comment[1].split(",")]


def _unknown_rule(rule: str, origin: Origin) -> Problem:
    return Problem(
        "(file)", "this comment suppresses an unknown rule", given=rule,
        expected="the rule in the brackets of a finding",
        hint=did_you_mean(rule, RULES), origin=origin,
        severity="warning", rule="unknown-rule",
    )  # fmt: skip
