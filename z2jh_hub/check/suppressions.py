"""`# z2jh: ignore[rule]` on a line: findings of that rule on it are not told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..config.errors import Origin, Problem
from ..config.suggestions import did_you_mean
from .files import Document
from .rules import RULES

_COMMENT = re.compile(r"#\s*z2jh:\s*ignore\[([^\]]*)\]")
# a file that cannot be read has nothing else to be told of it
NEVER = frozenset({"file", "yaml"})


def heard(problems: Iterable[Problem], documents: Sequence[Document]) -> Iterator[Problem]:
    """The problems that no comment silences, and the comments that name no rule."""
    silenced = {
        (document.file, line): rules
        for document in documents
        for line, rules in _comments(document)
    }
    for problem in problems:
        origin = problem.origin
        rules = silenced.get((origin.file, origin.line or 0), []) if origin else []
        if problem.rule not in rules or problem.rule in NEVER:
            yield problem
    for (file, line), rules in silenced.items():
        for rule in rules:
            if rule not in RULES:
                yield _no_rule(rule, Origin(file, line))


def _comments(document: Document) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(document.text.splitlines(), 1):
        found = _COMMENT.search(line)
        if found:
            yield number, [rule.strip() for rule in found[1].split(",")]


def _no_rule(rule: str, origin: Origin) -> Problem:
    return Problem(
        "(file)", "a comment that silences a rule that is not there", given=rule,
        expected="the rule between the brackets of a finding",
        hint=did_you_mean(rule, RULES), origin=origin,
        severity="warning", rule="unknown-rule",
    )  # fmt: skip
