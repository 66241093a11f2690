"""Write a report as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from .findings import Finding, Report

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
Style = Callable[..., str]


def plain(text: str, **_: Any) -> str:
    """Return `text` without colours."""
    return text


def text(report: Report, style: Style = plain) -> str:
    """Return the facts, each finding, what was not examined, and the number of findings."""
    blocks = ["\n".join(f"{name + ':':<12} {fact}" for name, fact in report.facts.items())]
    blocks += ["\n".join(_block(finding, style)) for finding in report.findings]
    if report.unread:
        blocks.append("\n".join(_unread(report, style)))
    return "\n\n".join([*filter(None, blocks), _summary(report, style)]) + "\n"


def _block(finding: Finding, style: Style) -> Iterator[str]:
    title = style(f"{finding.severity}[{finding.id}]", fg=COLOURS[finding.severity], bold=True)
    yield f"{title}{style(f': {finding.object}: {finding.message}', bold=True)}"
    lines = [("evidence", line) for line in finding.evidence]
    lines += [("consequence", finding.consequence), ("fix", finding.fix)]
    for label, line in lines:
        yield f"  {style('=', fg='blue')} {label}: {line}"


def _unread(report: Report, style: Style) -> Iterator[str]:
    yield style("Not examined:", bold=True)
    for each in report.unread:
        yield f"  {each.unchecked}: {each.reason}"


def _summary(report: Report, style: Style) -> str:
    counts = [
        (sum(finding.severity == severity for finding in report.findings), severity)
        for severity in COLOURS
    ]
    words = [f"{n} {severity}{'s' if n > 1 else ''}" for n, severity in counts if n]
    if not words:
        return style("No problems found.", fg="green")
    return f"{', '.join(words)}. Each finding is described in docs/doctor.md."


def as_json(report: Report) -> str:
    """Return JSON: `{namespace, release, facts, findings: [{id, severity, object, …}], unread}`."""
    return json.dumps(asdict(report), indent=2) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {"text": text, "json": as_json}
