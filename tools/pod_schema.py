"""Write `z2jh_hub/sandbox/pods/schema.json` from what a Kubernetes API server publishes.

    kubectl get --raw /openapi/v3/api/v1 | python tools/pod_schema.py

The table maps each type that a Pod or a PersistentVolumeClaim contains to its fields. A field is
one of `string`, `integer`, `number`, `boolean`, `quantity`, `int-or-string`, `any`, a choice
(`=Always|Never`), the name of a type, or one of these as a list (`[…`) or a mapping (`{…`). A
trailing `!` marks a required field.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "z2jh_hub/sandbox/pods/schema.json"
ROOTS = ("Pod", "PersistentVolumeClaim")
# written by Kubernetes, not by clients
SKIPPED = {"status", "managedFields"}
SPECIAL = {"Quantity": "quantity", "IntOrString": "int-or-string"}


def types(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return {type: {field: code}} for the types that a pod or a claim contains."""
    schemas = {
        name.rpartition(".")[2]: schema
        for name, schema in document["components"]["schemas"].items()
    }
    table: dict[str, dict[str, str]] = {}
    pending = list(ROOTS)
    while pending:
        name = pending.pop()
        if name in table:
            continue
        required = set(schemas[name].get("required", ()))
        table[name] = {
            field: _code(schema, pending) + "!" * (field in required)
            for field, schema in sorted(schemas[name].get("properties", {}).items())
            if field not in SKIPPED
        }
    return dict(sorted(table.items()))


def _code(schema: dict[str, Any], pending: list[str]) -> str:
    [reference] = schema.get("allOf") or [schema]
    if "$ref" in reference:
        name: str = reference["$ref"].rpartition("/")[2].rpartition(".")[2]
        if name in SPECIAL:
            return SPECIAL[name]
        if name in ("Time", "MicroTime"):
            return "string"
        pending.append(name)
        return name
    if "enum" in schema:
        return "=" + "|".join(schema["enum"])
    match schema.get("type"):
        case "array":
            return "[" + _code(schema["items"], pending)
        case "object" if "additionalProperties" in schema:
            return "{" + _code(schema["additionalProperties"], pending)
        case "string" | "integer" | "number" | "boolean" as simple:
            return str(simple)
        case _:
            return "any"


if __name__ == "__main__":
    TARGET.write_text(json.dumps(types(json.load(sys.stdin)), separators=(",", ":")) + "\n")
