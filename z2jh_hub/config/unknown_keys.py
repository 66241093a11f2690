"""Report keys of the values that nothing reads, most often a misspelled word.

The hub's own check: it walks the schema that Helm reads, without a JSON Schema library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..chart.schema import chart_schema
from .suggestions import did_you_mean

if TYPE_CHECKING:
    from .errors import Path, Problem
    from .values import Values

# what the chart adds to the values that it mounts
FROM_THE_CHART = frozenset({"Chart", "Release"})


def problems(values: Values) -> Iterator[Problem]:
    """A warning for each key that the schema does not know."""
    for path, known in _unknown(values.given, chart_schema().root, ()):
        if path[0] in FROM_THE_CHART or values.is_legacy(path):
            continue
        yield values.problem(
            path,
            "nothing reads this key",
            severity="warning",
            rule="unknown-key",
            hint=did_you_mean(path[-1], known, path[:-1]),
        )


def _unknown(node: Any, schema: Any, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """The unknown keys below `node`, each with those that could stand there."""
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
