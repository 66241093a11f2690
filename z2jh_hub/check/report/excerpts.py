"""Show lines of a file without the secrets in them."""

from __future__ import annotations

import re
from functools import lru_cache

from ...config.errors import Problem
from ...masking import HIDDEN, is_secret, without_secrets
from ...migrate import yaml_lines
from ..files import Document

_KEY = re.compile(
    r"""^(?P<indent>\s*(?:-\s+)*)["']?(?P<name>[\w./ -]*[\w./-])["']?\s*(?P<colon>:)(?=\s|$)"""
)


def line_of(problem: Problem, document: Document | None) -> str | None:
    """Return the line of `problem` with secrets hidden; None if it has no line."""
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
        return HIDDEN  # an apparent key may be a line of a secret
    if _continues_a_secret(document.text.splitlines(), number - 1):
        return HIDDEN
    names = [*problem.key.split("."), key["name"] if key else ""]
    if below_a_secret or is_secret(names):
        return f"{line[: key.end('colon')]} {HIDDEN}" if key else HIDDEN
    return without_secrets(line.expandtabs(1))


@lru_cache(maxsize=16)
def _hidden_lines(text: str) -> list[str] | None:
    """Return the lines of a file without secrets; None if it is not YAML."""
    try:
        return yaml_lines.hide(yaml_lines.Lines(text)).splitlines()
    except (yaml_lines.CannotEdit, RecursionError):
        return None


def given_text(problem: Problem) -> str:
    """Return the given value on one line with secrets hidden; empty if nothing was given."""
    return without_secrets(problem.shown())


def _continues_a_secret(lines: list[str], at: int) -> bool:
    """Return whether line `at` may be part of the secret above it, whatever its indentation is."""
    if re.match(r"\s*[?:](\s|$)", lines[at]):
        return True  # a key and its value, each on its own line
    above = next(filter(None, map(_KEY.match, reversed(lines[:at]))), None)
    if above is None or not is_secret((above["name"],)):
        return False
    is_open = above.string[above.end() :].lstrip()[:1] in ("|", ">", '"', "'", "")
    return is_open or not _KEY.match(lines[at])


def _keys_above(lines: list[str], at: int) -> list[str]:
    """Return the keys above line `at`, judging by indentation, because it may not be YAML."""
    names: list[str] = []
    margin = _margin(lines[at])
    for line in reversed(lines[:at]):
        key = _KEY.match(line)
        if key and len(key["indent"]) < margin:
            names.append(key["name"])
            margin = min(_margin(line), len(key["indent"]))
    return names


def _margin(line: str) -> int:
    """Return the column before which a key above `line` must start: its text, or after its -."""
    text = line.lstrip()
    return len(line) - len(text) + text.startswith("-")
