"""Look up parts of the chart's JSON Schema by path."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from . import chart_files

if TYPE_CHECKING:
    from ..config.errors import Path


class Schema:
    """A JSON Schema (draft 7) whose `$ref`s point into itself."""

    def __init__(self, root: dict[str, Any]):
        self.root = root

    def resolved(self, schema: Any) -> dict[str, Any]:
        """Return `schema` with its `$ref` followed; a description beside the `$ref` is kept."""
        while isinstance(schema, dict) and "$ref" in schema:
            target: Any = self.root
            for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
                target = target[part] if part else target
            own = {"description": schema["description"]} if "description" in schema else {}
            schema = {**target, **own}
        return schema if isinstance(schema, dict) else {}

    def at(self, path: Path) -> dict[str, Any]:
        """Return the schema of the value at `path`; {} if there is none."""
        schema = self.resolved(self.root)
        for part in path:
            schema = self.resolved(member(schema, part))
        return schema

    def children(self, path: Path) -> Mapping[str, Any]:
        """Return the named keys of the mapping at `path`, each with its schema."""
        properties: Mapping[str, Any] = self.at(path).get("properties", {})
        return properties


def member(schema: Mapping[str, Any], part: str) -> Any:
    """Return the schema of a key or list index in `schema`; its `$ref` is not followed."""
    if part in schema.get("properties", {}):
        return schema["properties"][part]
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, part):
            return inner
    if part.isdigit() and isinstance(schema.get("items"), dict):
        return schema["items"]
    return schema.get("additionalProperties")


@cache
def chart_schema() -> Schema:
    """Return the schema of the chart's values."""
    return Schema(json.loads(chart_files.read("values.schema.json")))
