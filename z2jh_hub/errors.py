"""Problems of a configuration, told to an administrator.

Problem      one mistake: key, where, what was given, what is expected, a hint
ConfigError  raised with all problems that were found, never one at a time
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
Path = tuple[str, ...]


class Missing(Enum):
    """The type of `MISSING`: a value that is not there, unlike one that is null."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True)
class Origin:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One mistake in the values.

    `key` is dotted as in the values file; `given` is the value as it was given
    (`MISSING` where nothing was) and is masked where the key names a secret.
    """

    key: str
    message: str
    given: Any = MISSING
    expected: str = ""
    hint: str = ""
    origin: Origin | None = None
    severity: Severity = "error"
    rule: str = "value"

    def shown(self) -> str:
        """`given` in one short line, without secrets; empty where nothing was given."""
        return "" if self.given is MISSING else display(self.key.split("."), self.given)

    def lines(self) -> Iterator[str]:
        """This problem as text, line by line."""
        where = f" ({self.origin})" if self.origin else ""
        yield f"{self.severity}: {self.key}{where}: {self.message}"
        for label, text in (
            ("given", self.shown()),
            ("expected", self.expected),
            ("hint", self.hint),
        ):
            if text:
                yield f"    {label + ':':<9} {text}"


class ConfigError(Exception):
    """The configuration has mistakes: `problems` holds all of them."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(render(self.problems))


def render(problems: Iterable[Problem]) -> str:
    """Problems as text for people, in the order of `ranked`."""
    return "\n".join(line for problem in ranked(problems) for line in problem.lines())


def ranked(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, and each severity as its files are read from top to bottom."""
    order = {"error": 0, "warning": 1, "note": 2}
    nowhere = Origin("")

    def place(problem: Problem) -> tuple[int, str, int]:
        origin = problem.origin or nowhere
        return order[problem.severity], origin.file, origin.line or 0

    return sorted(problems, key=place)


# Names, not values, decide what is secret: a short password looks like any other word.
_SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|credential|crypt|private_?key|api_?key|access_?key"
    r"|consumers|cookie|dsn|(^|_)keys?$)",
    re.IGNORECASE,
)
# Maps of free content, in which an administrator may have put a secret under any name.
_SECRET_CONTENT = frozenset(
    {"extraConfigMap", "extraEnv", "environment", "env", "stringData", "binaryData", "data",
     "key", "cert"}
)  # fmt: skip
# A password that is not percent-encoded may hold any character. In a web address, @ may also
# stand in the path.
_URL_PASSWORD = re.compile(
    r"(?P<start>\b(?:(?P<web>https?)|(?!https?:)\w+)://[^:/@\s]*:)(?(web)[^/\s]+|\S+)(?=@)"
)
_NOT_SECRET = frozenset(
    {"existingSecret", "secretName", "imagePullSecrets", "imagePullSecret", "secretSync",
     "pullSecrets", "secret"}
)  # fmt: skip
HIDDEN = "(hidden)"


def is_secret(path: Iterable[str]) -> bool:
    """Whether the value at `path` may be a secret, going by the names on its way."""
    return any(
        part not in _NOT_SECRET and (part in _SECRET_CONTENT or bool(_SECRET_NAME.search(part)))
        for part in path
    )


def masked(path: Iterable[str], value: Any) -> Any:
    """A copy of `value`, found at `path`, with every secret in it replaced."""
    path = tuple(path)
    if isinstance(value, dict):
        return {k: masked((*path, str(k)), v) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(path, v) for v in value]
    if value is None or isinstance(value, bool):
        return value
    if is_secret(path):
        return HIDDEN
    return without_passwords(value) if isinstance(value, str) else value


def without_passwords(text: str) -> str:
    """`text` without the passwords of the URLs in it."""
    return _URL_PASSWORD.sub(rf"\g<start>{HIDDEN}", text)


def display(path: Iterable[str], value: Any, limit: int = 80) -> str:
    """`value` in one line of at most `limit` characters, secrets masked."""
    value = masked(path, value)
    text = {None: "null", True: "true", False: "false"}.get(value) if _is_plain(value) else None
    if text is None:
        text = repr(value) if not isinstance(value, str) or not value else value
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool)
