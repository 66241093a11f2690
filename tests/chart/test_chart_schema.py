"""The schema of the values is up to date, complete, and consistent with the public chart's."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import z2jh_hub
from z2jh_hub.chart import chart_files
from z2jh_hub.chart.chart_schema import compiled

SHARED = Path(os.environ.get("Z2JH_SHARED", Path(__file__).parents[3] / "shared"))
RECORDS = SHARED / "tools" / "fidelity" / "records"
SCHEMA = yaml.safe_load(chart_files.read("values.schema.yaml"))
DEFAULTS = yaml.safe_load(chart_files.read("values.yaml"))

# deprecated keys that the public chart's schema rejects and this one accepts
TAKEN = {"schema-deprecated-auth"}


def records() -> list[Path]:
    return sorted(f for f in RECORDS.glob("*/*.json.gz") if f.name.count(".") == 2)


def values_of(record: Path) -> Path:
    folder = SHARED / "configs" / ("corners" if record.parent.name == "corners" else "")
    return folder / record.name.replace(".json.gz", ".yaml")


def test_json_schema_is_up_to_date() -> None:
    """`make schema` generates it."""
    assert chart_files.read("values.schema.json") == compiled(
        chart_files.read("values.schema.yaml")
    )


def test_schema_is_valid_and_accepts_the_defaults() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft7Validator(SCHEMA).validate(DEFAULTS)


def test_the_chart_and_the_package_have_one_version() -> None:
    assert yaml.safe_load(chart_files.read("Chart.yaml"))["version"] == z2jh_hub.__version__
    for component in ("hub", "singleuser"):
        assert DEFAULTS[component]["image"]["tag"] == z2jh_hub.__version__


def undescribed(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, sub in schema.get("properties", {}).items():
        if "$ref" in sub:
            sub = SCHEMA["definitions"][sub["$ref"].rpartition("/")[2]]
        if not sub.get("description"):
            yield f"{path}{name}"
        yield from undescribed(sub, f"{path}{name}.")


def test_every_value_is_described() -> None:
    assert list(undescribed(SCHEMA)) == []


def test_every_value_has_a_comment() -> None:
    lines = chart_files.read("values.yaml").splitlines()
    schema_keys = (line for line in lines if line and not line.startswith((" ", "#", "-")))
    bare = [
        line for line in schema_keys if not lines[lines.index(line) - 1].lstrip().startswith("#")
    ]
    assert bare == []


@pytest.mark.skipif(not RECORDS.is_dir(), reason="no records of the public chart (Z2JH_SHARED)")
@pytest.mark.parametrize("record", records(), ids=lambda path: path.name.removesuffix(".json.gz"))
def test_schema_rejects_what_the_public_charts_schema_rejects(record: Path) -> None:
    refused = bool(json.loads(gzip.decompress(record.read_bytes()))["schema_error"])
    values = yaml.safe_load(values_of(record).read_text("utf-8")) or {}
    errors = [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(values)]
    name = record.name.removesuffix(".json.gz")
    assert bool(errors) == (refused and name not in TAKEN), errors
