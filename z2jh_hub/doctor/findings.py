"""Findings about a release, and the report that contains them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..config.errors import Severity
from ..masking import one_line, without_secrets

LONGEST = 600  # characters of a line of evidence
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
    """Return `text` from the cluster in one printable line."""
    return one_line(text.replace("\r\n", "\n").replace("\t", " "))
