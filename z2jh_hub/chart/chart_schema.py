"""Convert `chart/values.schema.yaml` to the JSON that Helm and the hub read.

python -m z2jh_hub.chart.chart_schema     # writes chart/values.schema.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "chart"


def compiled(text: str) -> str:
    """Return the schema in `text` (YAML) as JSON, without descriptions, to keep releases small."""
    schema = yaml.safe_load(text)
    return json.dumps(_without_prose(schema), separators=(",", ":"), sort_keys=True) + "\n"


def _without_prose(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    # a *property* named `description` has a schema, not text
    return {
        key: _without_prose(value)
        for key, value in node.items()
        if key != "description" or not isinstance(value, str)
    }


if __name__ == "__main__":
    source = (CHART / "values.schema.yaml").read_text("utf-8")
    (CHART / "values.schema.json").write_text(compiled(source), "utf-8")
