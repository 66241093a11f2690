"""The JSON Schema of a file with prices."""

from __future__ import annotations

from typing import Any

_QUANTITY = {
    "type": ["number", "string"],
    "pattern": r"^(\d+(\.\d*)?|\.\d+)([KMGTP]i|[kMGTPm])?$",
    "exclusiveMinimum": 0,
    "description": "a quantity such as 4, 500m or 16Gi",
}
_PRICE = {"type": "number", "minimum": 0, "maximum": 1e6, "description": "a price, 0 or more"}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 300, "description": "text"}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 100000, "description": "a whole number"}


def _object(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": False, "description": f"a mapping with {', '.join(required)}",
    } | more  # fmt: skip


_NODE = _object(
    {
        "name": _TEXT, "cpu": _QUANTITY, "memory": _QUANTITY, "hour": _PRICE, "spot": _PRICE,
        "pods": _COUNT, "volumes": _COUNT,
        "allocatable": _object({"cpu": _QUANTITY, "memory": _QUANTITY}, [],
                               description="a mapping with cpu and memory"),
        "resources": {"type": "object", "additionalProperties": _QUANTITY,
                      "description": "a mapping of names such as nvidia.com/gpu to numbers"},
    },
    ["name", "cpu", "memory", "hour"],
)  # fmt: skip

SCHEMA = _object(
    {
        **dict.fromkeys(("provider", "region", "date", "source", "currency"), _TEXT),
        **dict.fromkeys(("user", "core"), _TEXT | {"description": "the name of a node type"}),
        **dict.fromkeys(("node_disk", "control_plane", "load_balancer"), _PRICE),
        "uncertainty": {"type": "number", "minimum": 0, "maximum": 0.9,
                        "description": "a share of each price, from 0 to 0.9"},
        "nodes": {"type": "array", "items": _NODE, "minItems": 1, "maxItems": 200,
                  "description": "a list of node types"},
        "system": _object({"cpu": _QUANTITY, "memory": _QUANTITY, "pods": _COUNT}, [],
                          description="a mapping with cpu, memory and pods"),
        "disk": _object(
            {"gib": _PRICE, "sizes": {"type": "array", "items": _QUANTITY, "maxItems": 50,
                                      "description": "a list of sizes such as 16Gi"}},
            ["gib"],
        ),
    },
    ["provider", "region", "date", "source", "currency", "uncertainty", "user", "core", "nodes",
     "node_disk", "disk", "control_plane", "load_balancer"],
)  # fmt: skip
