"""Lines of a file as they may be shown: without the secrets in them."""

from __future__ import annotations

import re

from ..errors import HIDDEN, Problem, is_secret
from .files import Document

_KEY = re.compile(
    r"""^(?P<indent>\s*(?:-\s+)*)["']?(?P<name>[\w./-]+)["']?\s*(?P<colon>:)(?=\s|$)"""
)
# a name and what is given to it, in YAML, in JSON and in Python
_PAIR = re.compile(
    r"""(?P<name>["']?[\w.-]+["']?\]?\s*[:=]\s*)(?P<value>"[^"]*"?|'[^']*'?|[^\s,}\])]+)"""
)
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]*:)[^/@\s]+(?=@)")


def line_of(problem: Problem, document: Document | None) -> str | None:
    """The line at which `problem` is, secrets hidden; None where there is none."""
    number = problem.origin.line if problem.origin else None
    line = document.line(number) if document else None
    if document is None or number is None or line is None:
        return None
    key = _KEY.match(line)
    above = _keys_above(document.text.splitlines(), number - 1)
    hidden = is_secret(above) or is_secret(problem.key.split("."))
    if not hidden and key:
        hidden = is_secret([key["name"]])
    if hidden:
        return f"{line[: key.end('colon')]} {HIDDEN}" if key else HIDDEN
    return without_secrets(line.expandtabs(1))


def without_secrets(text: str) -> str:
    """`text` with what is given to names of secrets, and the passwords of URLs, hidden."""

    def hide(found: re.Match[str]) -> str:
        name = re.sub(r"""["'\]\s:=]""", "", found["name"])
        return found["name"] + HIDDEN if is_secret(name.split(".")[-1:]) else found[0]

    return _URL_PASSWORD.sub(rf"\g<1>{HIDDEN}", _PAIR.sub(hide, text))


def given(problem: Problem) -> str:
    """What was given, in one line, secrets hidden; empty where nothing was."""
    return without_secrets(problem.shown())


def _keys_above(lines: list[str], at: int) -> list[str]:
    """The keys under which line `at` stands, going by indentation alone: it may not be YAML."""
    found: list[str] = []
    margin = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        key = _KEY.match(line)
        indent = len(line) - len(line.lstrip())
        if line.strip() and key and indent < margin:
            found.append(key["name"])
            margin = indent
    return found
