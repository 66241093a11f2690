"""Report unknown keys, which are mostly misspelled.

The hub walks the schema that Helm reads; it needs no library for this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..chart.schema import chart_schema
from .keys import UNKNOWN
from .suggestions import did_you_mean

if TYPE_CHECKING:
    from .errors import Path, Problem
    from .values import Values

# keys that the chart adds to the mounted values
FROM_THE_CHART = frozenset({"Chart", "Release"})


def problems(values: Values) -> Iterator[Problem]:
    """Report a warning for each key that is not in the schema."""
    for path, known in _unknown(values.given, chart_schema().root, ()):
        if path[0] in FROM_THE_CHART or values.is_legacy(path):
            continue
        yield values.problem(
            path,
            UNKNOWN,
            severity="warning",
            rule="unknown-key",
            hint=did_you_mean(path[-1], known, path[:-1]),
        )


def _unknown(node: Any, schema: Any, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield the path of each unknown key below `node`, with the known keys there."""
    schema = chart_schema().resolved(schema)
    if isinstance(node, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(node):
            yield from _unknown(item, schema["items"], (*path, str(index)))
    if not isinstance(node, dict) or "properties" not in schema:
        return
    properties = schema["properties"]
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    for key, value in node.items():
        if key in properties:
            yield from _unknown(value, properties[key], (*path, key))
        elif closed:
            yield (*path, key), list(properties)
