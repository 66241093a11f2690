"""Report unknown keys, which are mostly misspelled.

The hub walks the schema that Helm reads; it needs no library for this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..chart import chart_files
from .keys import UNKNOWN

if TYPE_CHECKING:
    from .errors import Path, Problem
    from .values import Values

# keys that the chart adds to the mounted values
FROM_THE_CHART = frozenset({"Chart", "Release"})


def problems(values: Values) -> Iterator[Problem]:
    """Report a warning for each key that is not in the schema."""
    schema = json.loads(chart_files.read("values.schema.json"))
    for path, known in _unknown(values.given, schema, schema, ()):
        if path[0] in FROM_THE_CHART or values.is_legacy(path):
            continue
        close = get_close_matches(path[-1], known, n=1)
        suggestion = ".".join((*path[:-1], *close))
        yield values.problem(
            path,
            UNKNOWN,
            severity="warning",
            rule="unknown-key",
            hint=f"did you mean {suggestion}?" if close else "",
        )


def _unknown(
    node: Any, schema: Any, root: dict[str, Any], path: Path
) -> Iterator[tuple[Path, list[str]]]:
    """Yield the path of each unknown key below `node`, with the known keys there."""
    schema = _resolved(schema, root)
    if isinstance(node, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(node):
            yield from _unknown(item, schema["items"], root, (*path, str(index)))
    if not isinstance(node, dict) or "properties" not in schema:
        return
    properties = schema["properties"]
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    for key, value in node.items():
        if key in properties:
            yield from _unknown(value, properties[key], root, (*path, key))
        elif closed:
            yield (*path, key), list(properties)


def _resolved(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema if isinstance(schema, dict) else {}
