"""Answer whether a user may log in, and name the rules that allow it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .. import sandbox
from .files import read


def ask(
    files: Sequence[Path],
    sets: Sequence[str],
    user: str,
    groups: Sequence[str] | None = None,
    *,
    run_anyway: bool = False,
) -> dict[str, Any]:
    """Return whether `user` may log in, as `ask_each` does."""
    return ask_each(files, sets, [(user, groups)], run_anyway=run_anyway)[0]


def ask_each(
    files: Sequence[Path],
    sets: Sequence[str],
    people: Sequence[tuple[str, Sequence[str] | None]],
    *,
    run_anyway: bool = False,
) -> list[dict[str, Any]]:
    """Run `sandbox.may_log_in.decide` on files, for names and groups. Groups may be unknown (None).

    Raises CannotRead, SetError, ConfigError, Stopped.
    """
    arguments = {
        "people": [[user, None if groups is None else list(groups)] for user, groups in people]
    }
    answer = sandbox.run(read(files, sets), "login", arguments, run_anyway=run_anyway)
    shared = {key: value for key, value in answer.items() if key != "people"}
    return [{**person, **shared} for person in answer["people"]]


def text(answer: dict[str, Any]) -> str:
    """Return the answer as text: whether the user may log in and is an admin."""
    if answer["allowed"] is None:
        return f"This cannot be determined: {answer['why']}\n"
    name = answer["name"]
    if not answer["allowed"]:
        return f"{name} may not log in: {answer['why']} ({answer['class']}).\n"
    lines = [f"{name} may log in{_by(answer, 'allowed_by')}."]
    lines.append(f"{name} is {'' if answer['admin'] else 'not '}an admin{_by(answer, 'admin_by')}.")
    if answer["admin_if"]:
        lines[-1] = f"{name} is an admin only as a member of {' or '.join(answer['admin_if'])}."
    return "\n".join(lines) + "\n"


def _by(answer: dict[str, Any], key: str) -> str:
    rules = [rule if "." in rule else f"{answer['class']}.{rule}" for rule in answer[key]]
    return f" by {', '.join(rules)}" if rules else ""


def as_json(answer: dict[str, Any]) -> str:
    """Return the answer of `sandbox.may_log_in.decide` as JSON."""
    return json.dumps(answer, indent=2) + "\n"


FORMATS: dict[str, Callable[[dict[str, Any]], str]] = {"json": as_json}
