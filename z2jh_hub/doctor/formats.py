"""Write a report as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from ..config.severities import COLOURS, Style, plain, summary
from .findings import Finding, Report

DESCRIBED = "Each finding is described in docs/doctor.md."


def text(report: Report, style: Style = plain) -> str:
    """Return the facts, each finding, what was not examined, and the number of findings."""
    blocks = ["\n".join(f"{name + ':':<12} {fact}" for name, fact in report.facts.items())]
    blocks += ["\n".join(_block(finding, style)) for finding in report.findings]
    if report.unread:
        blocks.append("\n".join(_unread(report, style)))
    severities = [finding.severity for finding in report.findings]
    return "\n\n".join([*filter(None, blocks), summary(severities, DESCRIBED, style)]) + "\n"


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


def as_json(report: Report) -> str:
    """Return JSON: `{namespace, release, facts, findings: [{id, severity, object, …}], unread}`."""
    return json.dumps(asdict(report), indent=2) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {"text": text, "json": as_json}
