"""Why a file is not YAML, in the words of somebody who has to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from ..config.errors import Origin, Path, Problem

CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"


class Cause(NamedTuple):
    """What is wrong, and how it is mended."""

    message: str
    hint: str


CONFLICT = Cause(
    "a conflict that git left in the file", "choose one of the two sides and delete the markers"
)
NO_COLON = Cause(
    "a line without its colon",
    "write `key: value`; or is the line before it not indented as it should be?",
)
TEMPLATE = Cause(
    "a template expression, which values files do not have",
    "Helm renders templates only in the chart; quote the text if it is one",
)
OUT_OF_LINE = Cause(
    "a key that does not stand where its neighbours stand",
    "keys of one mapping begin in the same column",
)
OPEN_QUOTE = Cause("a quote that is not closed", "close it with the same quote")
OPEN_BRACKET = Cause("a bracket that is not closed", "close it, or put a comma between the items")
CONFLICT_MARKER = r"^(<{7}|={7}|>{7})"
QUOTE_IT = "put quotes round it"

# what the line of the error looks like: the first that fits is told
BY_LINE = [
    (re.compile(pattern), cause)
    for pattern, cause in (
        (r"^ *\t", Cause("a tab in the indentation", "indent with spaces")),
        (
            rf"[:,\[{{-]\s*[{CURLY}]",
            Cause(
                "typographic quotes, which are letters to YAML",
                """write " or ' (word processors and chat programs change them)""",
            ),
        ),
        (CONFLICT_MARKER, CONFLICT),
        (r"(:|-|^)\s*\{\{", TEMPLATE),
        (r"(:|-)\s+[@`]", Cause("text that begins with @ or `", QUOTE_IT)),
        (r"(:|-)\s+%", Cause("text that begins with %", QUOTE_IT)),
        (
            r"(:|-)\s+\*(\S*[^\w\s-]|\s*$)",
            Cause(
                "text that begins with *, which names an anchor in YAML",
                'put quotes round it, as in "*.example.org"',
            ),
        ),
        (
            r"""(:|-)\s+("[^"]*"|'[^']*')\s*[^\s#,}\]:]""",
            Cause(
                "text goes on after its closing quote",
                "put the whole of it in quotes, and double or escape the quotes in it",
            ),
        ),
        (
            r"""^\s*(- )?[^"'#\s][^:#]*:\s+[^"'|>\[{#&*!][^#]*:(\s|$)""",
            Cause("a colon within text without quotes", "put quotes round the text"),
        ),
    )
]
# what libyaml (and PyYAML, where they differ) says of what the line alone does not tell
BY_WORDS = (
    ("could not find expected ':'", NO_COLON),
    ("did not find expected key", OUT_OF_LINE),
    ("expected <block end>", OUT_OF_LINE),
    ("did not find expected '-' indicator", Cause(
        "neither an item of this list nor out of it",
        "items of one list begin in the same column")),
    ("mapping values are not allowed", Cause(
        "a key where no key can be",
        "is it indented deeper than its neighbours, or is there a value on the line before it?")),
    ("unexpected end of stream", OPEN_QUOTE),
    ("document separator", OPEN_QUOTE),
    ("expected node content", OPEN_BRACKET),
    ("expected ',' or", OPEN_BRACKET),
    ("undefined alias", Cause("an alias (*name) of no anchor (&name)", QUOTE_IT)),
    ("could not determine a constructor", Cause("a tag (!name), which Helm does not know",
                                                QUOTE_IT)),
    ("unhashable key", TEMPLATE),
    ("expected a single document", Cause("more than one document: --- begins another",
                                         "put all values into one document")),
    ("cannot start any token", Cause("a character that nothing begins with", QUOTE_IT)),
    ("unknown escape", Cause("a backslash within double quotes",
                             "use ' quotes, or double the backslash")),
)  # fmt: skip
# libyaml reads on over these, and stumbles on the next line
LATE = (
    (re.compile(CONFLICT_MARKER), CONFLICT),
    (re.compile(r"^\s*[\w.-]+(\s+[^:#]*)?$"), NO_COLON),
)
NOTICED_LATE = ("mapping values are not allowed", "could not find expected")


def told(error: Exception, text: str, file: str) -> Problem:
    """The mistake behind `error`, which reading `text` raised."""
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
    cause = cause or next((told for known, told in BY_WORDS if known in words), None)
    message = cause.message if cause else _own_words(error)
    opened = getattr(error, "context_mark", None)
    if message.endswith("not closed") and opened and opened.line < at:
        # where it was opened is where it has to be mended
        at, column = opened.line, opened.column
    return Problem(
        "(file)",
        f"not YAML: {message}",
        expected="a YAML mapping of values",
        hint=cause.hint if cause else "",
        origin=Origin(file, at + 1, None if column is None else column + 1),
        rule="yaml",
    )


def _place(error: Exception, text: str) -> tuple[int, int | None]:
    """The line and column that `error` names, counted from 0."""
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
    # PyYAML's other words may show the value
    return str(error) if "alias" in str(error) else "a value that does not fit its tag"


def curly_quotes(path: Path, node: yaml.Node, file: str) -> Iterator[Problem]:
    """Text whose quotes are typographic ones, and so a part of it."""
    if not isinstance(node, yaml.ScalarNode) or not _in_curly_quotes(node):
        return
    yield Problem(
        ".".join(path),
        "typographic quotes, which are letters to YAML: they become part of the text",
        given=node.value,
        expected="\" or '",
        hint="word processors and chat programs change quotes",
        origin=Origin(file, node.start_mark.line + 1, node.start_mark.column + 1),
        severity="warning",
        rule="curly-quotes",
    )


def _in_curly_quotes(node: yaml.ScalarNode) -> bool:
    text = node.value
    return not node.style and len(text) > 1 and text[0] in CURLY and text[-1] in CURLY
