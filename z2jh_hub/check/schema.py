"""The chart's JSON Schema, asked by path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from .. import chart_files
from ..errors import Path


class Schema:
    """A JSON Schema (draft 7) whose `$ref`s stay within it."""

    def __init__(self, root: dict[str, Any]):
        self.root = root

    def resolved(self, schema: Any) -> dict[str, Any]:
        """`schema`, or what its `$ref` names."""
        while isinstance(schema, dict) and "$ref" in schema:
            found: Any = self.root
            for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
                found = found[part] if part else found
            schema = found
        return schema if isinstance(schema, dict) else {}

    def at(self, path: Path) -> dict[str, Any]:
        """What describes the value at `path`; {} where nothing does."""
        schema = self.resolved(self.root)
        for part in path:
            items = schema.get("items")
            if part in schema.get("properties", {}):
                schema = self.resolved(schema["properties"][part])
            elif part.isdigit() and isinstance(items, dict):
                schema = self.resolved(items)
            else:
                schema = self.resolved(schema.get("additionalProperties"))
        return schema

    def children(self, path: Path) -> Mapping[str, Any]:
        """The keys that can stand in the mapping at `path`, as far as they are named."""
        properties: Mapping[str, Any] = self.at(path).get("properties", {})
        return properties


@cache
def chart_schema() -> Schema:
    """The schema of the chart's values."""
    return Schema(json.loads(chart_files.read("values.schema.json")))
