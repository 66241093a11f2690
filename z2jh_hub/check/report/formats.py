"""Write findings as text, JSON, SARIF and GitHub annotations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ...config.errors import MISSING, Problem
from ...config.severities import COLOURS, Style, plain, summary
from ...masking import one_line, printable
from .. import Report
from ..rules import RULES
from . import excerpts

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
DESCRIBED = "Each rule is described in docs/rules/."


def text(report: Report, style: Style = plain) -> str:
    """Return each finding with its line and a caret, then the number of findings."""
    blocks = ["\n".join(_block(problem, report, style)) for problem in report.problems]
    severities = [problem.severity for problem in report.problems]
    return "\n\n".join([*blocks, summary(severities, DESCRIBED, style)]) + "\n"


def _block(problem: Problem, report: Report, style: Style) -> Iterator[str]:
    colour = COLOURS[problem.severity]
    title = style(f"{problem.severity}[{problem.rule}]", fg=colour, bold=True)
    key = "" if problem.key == "(file)" else f"{problem.key}: "
    yield f"{title}{style(': ' + one_line(key + problem.message), bold=True)}"
    origin = problem.origin
    number = str(origin.line) if origin and origin.line else ""
    margin = " " * max(len(number), 1)
    if origin:
        column = f":{origin.column}" if origin.column else ""
        yield f"{margin}{style('-->', fg='blue')} {one_line(str(origin))}{column}"
    line = excerpts.line_of(problem, report.documents.get(origin.file)) if origin else None
    line = None if line is None else one_line(report.mask.known(line))
    if line is not None and origin:
        bar = style("|", fg="blue")
        yield f"{margin} {bar}"
        yield f"{style(number, fg='blue')} {bar} {line}"
        start = (origin.column or len(line) - len(line.lstrip()) + 1) - 1
        yield f"{margin} {bar} {' ' * start}{style('^' * _width(line, start), fg=colour)}"
    for label, text in (("given", excerpts.given_text(problem)), ("expected", problem.expected),
                        ("hint", problem.hint)):  # fmt: skip
        if text:
            yield f"{margin} {style('=', fg='blue')} {label}: {one_line(text)}"


def _width(line: str, start: int) -> int:
    word = re.match(r"""["']?[\w./-]+["']?|\S""", line[start:])
    return len(word[0]) if word else 1


def as_json(report: Report) -> str:
    """Return JSON: `{"findings": [{rule, severity, key, file, line, column, …}]}`."""
    return json.dumps({"findings": [_finding(p) for p in report.problems]}, indent=2) + "\n"


def _finding(problem: Problem) -> dict[str, Any]:
    origin = problem.origin
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "key": problem.key,
        "file": origin.file if origin else None,
        "line": origin.line if origin else None,
        "column": origin.column if origin else None,
        "message": problem.message,
        "given": None if problem.given is MISSING else excerpts.given_text(problem),
        "expected": problem.expected,
        "hint": problem.hint,
    }


def github(report: Report) -> str:
    """Return GitHub annotations, one for each finding."""
    return "".join(f"{_annotation(problem)}\n" for problem in report.problems)


def _annotation(problem: Problem) -> str:
    origin = problem.origin
    places = {
        "file": origin.file if origin else "",
        "line": origin.line if origin else None,
        "col": origin.column if origin else None,
        "title": f"{problem.rule}: {problem.key}",
    }
    properties = ",".join(f"{k}={_escaped(str(v), ':,')}" for k, v in places.items() if v)
    return f"::{LEVELS[problem.severity]} {properties}::{_escaped(sentence(problem))}"


def _escaped(text: str, more: str = "") -> str:
    text = printable(text)
    for letter in "%\r\n" + more:
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text


def sentence(problem: Problem) -> str:
    """Return a finding as one paragraph."""
    lines = [problem.message]
    for label, text in (("given", excerpts.given_text(problem)), ("expected", problem.expected),
                        ("hint", problem.hint)):  # fmt: skip
        if text:
            lines.append(f"{label}: {text}")
    return "\n".join(lines)


def sarif(report: Report) -> str:
    """Return SARIF 2.1.0, for code scanning."""
    ids = sorted({problem.rule for problem in report.problems} | RULES.keys())
    driver = {
        "name": "z2jh check",
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": RULES.get(rule, rule)},
                "help": {"text": f"docs/rules/{rule}.md"},
            }
            for rule in ids
        ],
    }
    results = [_result(problem, ids.index(problem.rule)) for problem in report.problems]
    log = {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints",
                  "results": results}],
    }  # fmt: skip
    return json.dumps(log, indent=2) + "\n"


def _result(problem: Problem, index: int) -> dict[str, Any]:
    level = "note" if problem.severity == "note" else problem.severity
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": level,
        "message": {"text": f"{problem.key}: {sentence(problem)}"},
    }
    origin = problem.origin
    if origin:
        region = {
            name: value
            for name, value in (("startLine", origin.line), ("startColumn", origin.column))
            if value
        }
        place: dict[str, Any] = {"artifactLocation": {"uri": origin.file.replace("\\", "/")}}
        if region:
            place["region"] = region
        result["locations"] = [{"physicalLocation": place}]
    return result


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
