"""Report the problems that would stop the hub from starting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...config import configuration
from ...config.errors import Problem
from ...config.suggestions import did_you_mean
from ...config.values import Values
from .. import misplaced_keys


def findings(values: Values) -> Iterator[Problem]:
    """Yield all of `configuration.problems`, some of them with a higher severity.

    The hub starts even if nobody can log in, or if a secret that it needs later is invalid; both
    are errors here. So is an unknown key: the hub starts with it, but `helm upgrade` rejects it.
    """
    for problem in configuration.problems(values):
        if problem.rule == "unknown-key":
            yield misplaced_keys.suggest(replace(problem, severity="error"), values.given)
        elif problem.rule in ("nobody-allowed", "secret"):
            yield replace(problem, severity="error")
        else:
            yield _with_suggestion(problem)


def _with_suggestion(problem: Problem) -> Problem:
    """Return `problem` with the closest of the words that it expects as a hint."""
    words = problem.expected.removeprefix("one of ")
    if problem.hint or words == problem.expected or not isinstance(problem.given, str):
        return problem
    return replace(problem, hint=did_you_mean(problem.given, filter(None, words.split(", "))))
