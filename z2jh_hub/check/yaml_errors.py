"""Explain why a file is not valid YAML, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from ..config.errors import Origin, Path, Problem

CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"


class Cause(NamedTuple):
    """What is wrong, and how to fix it."""

    message: str
    hint: str


CONFLICT = Cause(
    "the file contains an unresolved git conflict",
    "keep one of the two sides and delete the markers",
)
NO_COLON = Cause(
    "this line has no colon",
    "write `key: value`, or check the indentation of the previous line",
)
TEMPLATE = Cause(
    "values files cannot contain template expressions",
    "quote the text if the braces belong to it; Helm renders templates only in the chart",
)
OUT_OF_LINE = Cause(
    "this key is not aligned with the other keys of its mapping",
    "start all keys of a mapping in the same column",
)
OPEN_QUOTE = Cause("this quote is not closed", "close it with the same quote")
OPEN_BRACKET = Cause("this bracket is not closed", "close it, or put a comma between the items")
CONFLICT_MARKER = r"^(<{7}|={7}|>{7})"
QUOTE_IT = "quote the text"

# patterns of the line with the error; the first match is reported
BY_LINE = [
    (re.compile(pattern), cause)
    for pattern, cause in (
        (r"^ *\t", Cause("the indentation contains a tab", "indent with spaces")),
        (
            rf"[:,\[{{-]\s*[{CURLY}]",
            Cause(
                "YAML does not accept typographic quotes",
                """write " or '; word processors and chat programs change quotes""",
            ),
        ),
        (CONFLICT_MARKER, CONFLICT),
        (r"(:|-|^)\s*\{\{", TEMPLATE),
        (r"(:|-)\s+[@`]", Cause("unquoted text cannot begin with @ or `", QUOTE_IT)),
        (r"(:|-)\s+%", Cause("unquoted text cannot begin with %", QUOTE_IT)),
        (
            r"(:|-)\s+\*(\S*[^\w\s-]|\s*$)",
            Cause(
                "unquoted text cannot begin with *, which refers to an anchor",
                'quote the text, as in "*.example.org"',
            ),
        ),
        (
            r"""(:|-)\s+("[^"]*"|'[^']*')\s*[^\s#,}\]:]""",
            Cause(
                "the text continues after its closing quote",
                "quote the whole text, and double or escape the quotes in it",
            ),
        ),
        (
            r"""^\s*(- )?[^"'#\s][^:#]*:\s+[^"'|>\[{#&*!][^#]*:(\s|$)""",
            Cause("unquoted text contains a colon", QUOTE_IT),
        ),
    )
]
# messages of libyaml (and of PyYAML, if different) for errors that the line does not show
BY_WORDS = (
    ("could not find expected ':'", NO_COLON),
    ("did not find expected key", OUT_OF_LINE),
    ("expected <block end>", OUT_OF_LINE),
    ("did not find expected '-' indicator", Cause(
        "this line is not aligned with the items of the list",
        "start all items of a list in the same column")),
    ("mapping values are not allowed", Cause(
        "a key is not allowed here",
        "align it with the other keys, or check for a value on the previous line")),
    ("unexpected end of stream", OPEN_QUOTE),
    ("document separator", OPEN_QUOTE),
    ("expected node content", OPEN_BRACKET),
    ("expected ',' or", OPEN_BRACKET),
    ("undefined alias", Cause("the alias (*name) has no anchor (&name)", QUOTE_IT)),
    ("could not determine a constructor", Cause("Helm does not know this tag (!name)",
                                                QUOTE_IT)),
    ("unhashable key", TEMPLATE),
    ("expected a single document", Cause("the file has more than one document; --- starts another",
                                         "put all values into one document")),
    ("cannot start any token", Cause("unquoted text cannot begin with this character", QUOTE_IT)),
    ("unknown escape", Cause("this backslash is not a valid escape within double quotes",
                             "use single quotes, or double the backslash")),
)  # fmt: skip
# errors that libyaml notices only on the next line
LATE = (
    (re.compile(CONFLICT_MARKER), CONFLICT),
    (re.compile(r"^\s*[\w.-]+(\s+[^:#]*)?$"), NO_COLON),
)
NOTICED_LATE = ("mapping values are not allowed", "could not find expected")


def explain(error: Exception, text: str, file: str) -> Problem:
    """Return the mistake behind `error`, which parsing `text` raised."""
    lines = text.splitlines() or [""]
    line, column = _place(error, text)
    at = min(line, len(lines) - 1)
    while at and not lines[at]:  # noticed at the end of the file
        at -= 1
    words = " ".join(str(getattr(error, name, "") or "") for name in ("context", "problem"))
    cause = next((cause for looks, cause in BY_LINE if looks.search(lines[at])), None)
    late = next((cause for looks, cause in LATE if at and looks.search(lines[at - 1])), None)
    if cause is None and late and any(word in words for word in NOTICED_LATE):
        cause, at, column = late, at - 1, None
    cause = cause or next((cause for known, cause in BY_WORDS if known in words), None)
    message = cause.message if cause else _own_words(error)
    opened = getattr(error, "context_mark", None)
    if message.endswith("not closed") and opened and opened.line < at:
        # the fix belongs where it was opened
        at, column = opened.line, opened.column
    return Problem(
        "(file)",
        f"invalid YAML: {message}",
        expected="a YAML mapping of values",
        hint=cause.hint if cause else "",
        origin=Origin(file, at + 1, None if column is None else column + 1),
        rule="yaml",
    )


def _place(error: Exception, text: str) -> tuple[int, int | None]:
    """Return the line and column of `error`, counted from 0."""
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark:
        return mark.line, mark.column
    position = getattr(error, "position", None)
    return (text.encode().count(b"\n", 0, position), None) if isinstance(position, int) else (0, 0)


def _own_words(error: Exception) -> str:
    if isinstance(error, yaml.YAMLError):
        words = getattr(error, "problem", None) or getattr(error, "reason", None)
        return str(words or "unreadable")
    if isinstance(error, RecursionError):
        return "nested too deeply"
    # other messages of PyYAML may contain the value
    return str(error) if "alias" in str(error) else "the value does not match its tag"


def curly_quotes(path: Path, node: yaml.Node, file: str) -> Iterator[Problem]:
    """Yield a warning for text in typographic quotes, which become part of the text."""
    if not isinstance(node, yaml.ScalarNode) or not _in_curly_quotes(node):
        return
    yield Problem(
        ".".join(path),
        "YAML treats typographic quotes as letters, so they become part of the text",
        given=node.value,
        expected="straight quotes, \" or '",
        hint="word processors and chat programs change quotes",
        origin=Origin(file, node.start_mark.line + 1, node.start_mark.column + 1),
        severity="warning",
        rule="curly-quotes",
    )


def _in_curly_quotes(node: yaml.ScalarNode) -> bool:
    text = node.value
    return not node.style and len(text) > 1 and text[0] in CURLY and text[-1] in CURLY
