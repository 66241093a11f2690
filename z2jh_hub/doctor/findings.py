"""Findings about a release, and the report that contains them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..config.errors import Severity
from ..masking import without_secrets

LONGEST = 600  # characters of a line of evidence
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_RANK = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a release.

    id            a stable name, which docs/doctor.md describes
    object        `Kind/name` of the object that is concerned
    message       what is wrong
    consequence   what it means for users
    fix           a command, or a value to set
    evidence      what Kubernetes reports, one line each
    """

    id: str
    severity: Severity
    object: str
    message: str
    consequence: str
    fix: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unread:
    """Something that the doctor could not read, and what was therefore not examined."""

    what: str
    reason: str
    unchecked: str


@dataclass(frozen=True)
class Report:
    """The result of an examination. `facts` are {name: text}, in the order to show them."""

    namespace: str
    release: str
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings that are safe to print, errors first, otherwise in their order."""
    return tuple(sorted(map(_printable, findings), key=lambda finding: _RANK[finding.severity]))


def _printable(finding: Finding) -> Finding:
    return replace(
        finding,
        object=visible(finding.object),
        message=quotable(finding.message),
        fix=visible(finding.fix),
        evidence=tuple(map(quotable, finding.evidence)),
    )


def quotable(text: str) -> str:
    """Return one line of text from the cluster without secrets and control characters."""
    text = visible(without_secrets(text.strip()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def visible(text: str) -> str:
    """Return `text` with line feeds as spaces, and other control characters escaped.

    Objects in the cluster, and messages about them, may contain sequences that change what a
    terminal shows.
    """
    return "".join(map(_visible, text.replace("\r\n", " ").replace("\n", " ")))


def _visible(letter: str) -> str:
    if letter == "\t":
        return " "
    if unicodedata.category(letter) not in _INVISIBLE:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
