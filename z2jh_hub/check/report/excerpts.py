"""Lines of a file as they may be shown: without the secrets in them."""

from __future__ import annotations

import re
from functools import lru_cache

from ...config.errors import Problem
from ...masking import HIDDEN, is_secret, without_secrets
from ...migrate import yaml_lines
from ..files import Document

_KEY = re.compile(
    r"""^(?P<indent>\s*(?:-\s+)*)["']?(?P<name>[\w./-]+)["']?\s*(?P<colon>:)(?=\s|$)"""
)


def line_of(problem: Problem, document: Document | None) -> str | None:
    """The line at which `problem` is, secrets hidden; None where there is none."""
    number = problem.origin.line if problem.origin else None
    line = document.line(number) if document else None
    if document is None or number is None or line is None:
        return None
    hidden = _hidden_lines(document.text)
    if hidden is not None and number <= len(hidden):
        return hidden[number - 1].expandtabs(1)
    # not YAML: go by indentation
    key = _KEY.match(line)
    below_a_secret = is_secret(_keys_above(document.text.splitlines(), number - 1))
    if below_a_secret and (problem.rule == "yaml" or not key):
        return HIDDEN  # what looks like a key may be a line of a secret
    names = [*problem.key.split("."), key["name"] if key else ""]
    if below_a_secret or is_secret(names):
        return f"{line[: key.end('colon')]} {HIDDEN}" if key else HIDDEN
    return without_secrets(line.expandtabs(1))


@lru_cache(maxsize=16)
def _hidden_lines(text: str) -> list[str] | None:
    """The lines of a file without secrets; None where it is not YAML."""
    try:
        return yaml_lines.hide(yaml_lines.Lines(text)).splitlines()
    except (yaml_lines.CannotEdit, RecursionError):
        return None


def given(problem: Problem) -> str:
    """What was given, in one line, secrets hidden; empty where nothing was."""
    return without_secrets(problem.shown())


def _keys_above(lines: list[str], at: int) -> list[str]:
    """The keys under which line `at` stands, going by indentation alone: it may not be YAML."""
    found: list[str] = []
    margin = _margin(lines[at])
    for line in reversed(lines[:at]):
        key = _KEY.match(line)
        if key and len(key["indent"]) < margin:
            found.append(key["name"])
            margin = min(_margin(line), len(key["indent"]))
    return found


def _margin(line: str) -> int:
    """How far a key above `line` can be indented, not included: as far as the - of an item."""
    text = line.lstrip()
    return len(line) - len(text) + text.startswith("-")
