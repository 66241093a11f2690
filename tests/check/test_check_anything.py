"""Whatever stands in a file: `check` answers, and shows no secret."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from z2jh_hub.chart import chart_files
from z2jh_hub.check import make_report
from z2jh_hub.check.report.formats import FORMATS

pytestmark = [pytest.mark.slow, pytest.mark.processes]

SECRET = "hunter2hunter2"
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1G", "500m", "/", "latest", "dynamic", "static", "home", "{username}"])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@cache
def paths() -> list[tuple[str, ...]]:
    """Every path of the chart's schema, and some below."""
    result: list[tuple[str, ...]] = []

    def walk(schema: Any, path: tuple[str, ...]) -> None:
        for name, child in schema.get("properties", {}).items() if isinstance(schema, dict) else ():
            result.append((*path, name))
            walk(child, (*path, name))

    walk(json.loads(chart_files.read("values.schema.json")), ())
    return result


@st.composite
def values(draw: Any) -> dict[str, Any]:
    """A values file whose keys are the chart's, with anything in them."""
    data: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 6))):
        *above, last = draw(st.sampled_from(paths()))
        node = data
        for name in above:
            if not isinstance(node.get(name), dict):
                node[name] = {}
            node = node[name]
        names = st.sampled_from(["name", "mountPath", "volume_mounts", "slug", "image", "ports"])
        node[last] = draw(
            anything
            | st.lists(st.dictionaries(names, anything, max_size=4), max_size=3)
            | st.dictionaries(st.text(max_size=4), st.dictionaries(names, anything), max_size=2)
        )
    return data


def checked(text: str, tmp_path_factory: Any) -> None:
    file = tmp_path_factory.mktemp("any") / "config.yaml"
    file.write_text(text, "utf-8", errors="replace")
    result = make_report([file], run=False)
    for write in FORMATS.values():
        assert SECRET not in write(result)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=values())
def test_values_of_any_kind(data, tmp_path_factory):
    checked(yaml.safe_dump(data), tmp_path_factory)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.dictionaries(st.text(max_size=6), anything, max_size=3))
def test_keys_of_any_kind(data, tmp_path_factory):
    checked(yaml.safe_dump(data), tmp_path_factory)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet="ab:-{}[]#&*!|>'\"%@`\t\n ?,", max_size=40))
def test_text_of_any_kind(text, tmp_path_factory):
    checked(text, tmp_path_factory)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=values(), where=st.sampled_from(["client_secret", "apiToken", "password"]))
def test_a_secret_anywhere_is_not_shown(data, where, tmp_path_factory):
    text = yaml.safe_dump(data | {where: SECRET, "hub": {"db": {where: [SECRET]}}})
    checked(text, tmp_path_factory)
    checked(text.replace("'", '"') + "\n\t", tmp_path_factory)
