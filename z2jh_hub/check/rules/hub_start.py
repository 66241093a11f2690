"""Report the problems that would stop the hub from starting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ... import sandbox
from ...config import configuration
from ...config.errors import MISSING, Problem
from ...config.key_paths import key_path
from ...config.suggestions import did_you_mean, hint
from ...config.values import Values
from .. import code, misplaced_keys, open_strings, queries, run_checks, start_failures, type_hints
from ..classes import CHOSEN, Classes, is_in_image

IN_CONFIG = "hub.config."
_NO_MODULE = re.compile(r"^No module named '([\w.]+)'")
# parts of a trial, by their names in its answer
PARTS = {
    "access": "who may log in",
    "start": "the start of the hub",
    "password": "the URL of the database",
    "addresses": "the addresses of the hub",
    "services": "the addresses of services",
    "entries": "the services and roles of the chart",
    "pods": "the start of servers",
}


def findings(values: Values) -> Iterator[Problem]:
    """Yield all of `configuration.problems`, some of them with a higher severity.

    The hub starts even if nobody can log in, or if a secret that it needs later is invalid; both
    are errors here. So is an unknown key: the hub starts with it, but `helm upgrade` rejects it.
    """
    for problem in configuration.problems(values):
        if problem.rule == "python":
            yield open_strings.refine(problem, code.pieces(values))
        elif problem.rule == "unknown-key":
            yield misplaced_keys.suggest(replace(problem, severity="error"), values.given)
        elif problem.rule in ("nobody-allowed", "secret"):
            yield replace(problem, severity="error")
        elif problem.key.startswith(IN_CONFIG) and not problem.hint:
            yield replace(problem, hint=_place(values, problem.key.removeprefix(IN_CONFIG)))
        else:
            yield _with_suggestion(problem)


def _place(values: Values, name: str) -> str:
    """Return a hint that names the class of a trait in `hub.config`, or a misspelled class."""
    known = Classes(values)
    owners = known.owners(name)
    return hint(name, ("hub", "config", owners[0])) if owners else hint(known.near(name))


def _with_suggestion(problem: Problem) -> Problem:
    """Return `problem` with a hint: how its value is written, or the closest expected word."""
    if not problem.hint and problem.given is not MISSING:
        written = type_hints.hint(key_path(problem.key), problem.given, problem.expected)
        problem = replace(problem, hint=written)
    words = problem.expected.removeprefix("one of ")
    if problem.hint or words == problem.expected or not isinstance(problem.given, str):
        return problem
    return replace(problem, hint=did_you_mean(problem.given, filter(None, words.split(", "))))


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield what stops the real application from starting; nothing if it cannot be run."""
    try:
        answer = run_checks.answer(values, run_anyway=run_anyway)
    except sandbox.NotIsolated:
        return  # reported by the snippets rule
    except sandbox.Stopped as stopped:
        if isinstance(stopped, sandbox.JobFailed) or not code.pieces(values):
            yield _untried("start", str(stopped))
        return
    for part, error in answer["untried"].items():
        yield _of_absent_class(values, error) or _untried(
            part, f"raised {error['type']}: {error['message']}"
        )
    yield from start_failures.problems(values, answer)


def _of_absent_class(values: Values, error: dict[str, Any]) -> Problem | None:
    """Return a problem at the class of a module that the hub image does not contain."""
    absent = _NO_MODULE.search(error["message"])
    if absent is None or is_in_image(absent[1].partition(".")[0]):
        return None
    module = absent[1]
    own_image = bool(queries.as_mapping(values.given.get("hub")).get("image"))
    details: dict[str, Any] = {
        "message": f"the hub image of this chart has no module {module}, so its servers were not "
        "tried",
        "hint": "ignore this if your hub image contains the module",
        "severity": "note" if own_image else "warning", "rule": "missing-module",
    }  # fmt: skip
    for name in CHOSEN:
        path = ("hub", "config", "JupyterHub", name)
        if str(values.get(path)).startswith(f"{module}."):
            return values.problem(path, **details)
    for piece in code.pieces(values):
        for number, line in enumerate(piece.text.splitlines(), 1):
            if f"'{module}." in line or f'"{module}.' in line:
                origin = piece.origin(number)
                return Problem(piece.key, given=line.strip(), origin=origin, **details)
    return None


def _untried(part: str, why: str) -> Problem:
    return Problem(
        "(file)", f"{PARTS[part]} could not be tried: the trial {why}",
        rule=start_failures.RULE, severity="warning",
    )  # fmt: skip
