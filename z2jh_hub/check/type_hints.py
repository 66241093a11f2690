"""Show how a value of the wrong type is written, for the mistakes that people often make."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..chart.schema import chart_schema
from ..config.errors import Path
from ..config.keys import tag_text

_CPU = re.compile(r"(\d+)m")


def hint(path: Path, value: Any, expected: str) -> str:
    """Return how `value` is written at `path`, where `expected` describes what is expected."""
    if expected.startswith("a mapping"):
        return _of_mapping(path, value)
    milli = _CPU.fullmatch(value) if isinstance(value, str) else None
    if milli and "cores" in expected:
        return f"did you mean {int(milli[1]) / 1000:g}?"
    return ""


def _of_mapping(path: Path, value: Any) -> str:
    known = chart_schema().children(path)
    if isinstance(value, bool) and "enabled" in known:
        return f"set {'.'.join(path)}.enabled: {str(value).lower()}"
    if isinstance(value, str) and {"name", "tag"} <= set(known):
        name, _, tag = value.rpartition(":") if ":" in value.rpartition("/")[2] else (value, "", "")
        return f"write {{name: {name}, tag: {_written(tag) if tag else '…'}}}"
    if isinstance(value, list):
        return "write a mapping, such as NAME: VALUE, without a - before the name"
    return ""


def _written(tag: str) -> str:
    """Return a tag for YAML, in quotes if it would be read as another one."""
    return tag if tag_text(yaml.safe_load(tag)) == tag else f"'{tag}'"
