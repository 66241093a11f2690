"""What the hub itself says of the values when it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...config import configuration
from ...config.errors import Problem
from ...config.suggestions import did_you_mean
from ...config.values import Values
from .. import misplaced_keys


def findings(values: Values) -> Iterator[Problem]:
    """All of `configuration.problems`; unknown keys with where they belong.

    A hub to which nobody can log in starts, and so does one whose secrets are only used later;
    both are errors here.

    The hub starts with an unknown key; `helm upgrade`, which holds the file to the
    chart's schema, does not: it is an error here.
    """
    for problem in configuration.problems(values):
        if problem.rule == "unknown-key":
            yield misplaced_keys.suggest(replace(problem, severity="error"), values.given)
        elif problem.rule in ("nobody-allowed", "secret"):
            yield replace(problem, severity="error")
        else:
            yield _with_a_word(problem)


def _with_a_word(problem: Problem) -> Problem:
    """`problem`, with the word that was meant where only some are known."""
    words = problem.expected.removeprefix("one of ")
    if problem.hint or words == problem.expected or not isinstance(problem.given, str):
        return problem
    return replace(problem, hint=did_you_mean(problem.given, filter(None, words.split(", "))))
