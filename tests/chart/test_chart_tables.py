"""Templates and Python use the same tables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from support.charts import render

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import chart_tables

from z2jh_hub.config.legacy.table import MOVES

PAIRS = [(move.old, new) for move in MOVES for new in move.new]
SAMPLES = {
    "hub.cookieSecret": "ab" * 32,
    "proxy.networkPolicy": {"ingress": [{"ports": [{"port": 1}]}]},
    "proxy.nodeSelector": {"a": "b"},
    "proxy.pdb": {"enabled": True},
    "proxy.secretToken": "abc",
    "hub.fsGid": 5,
    "hub.uid": 5,
    "hub.imagePullPolicy": "Always",
    "singleuser.imagePullPolicy": "Always",
    "prePuller.enabled": False,
    "rbac.enabled": False,
}


def test_the_generated_file_is_current() -> None:
    assert chart_tables.FILE.read_text("utf-8") == chart_tables.text(), "run `make schema`"


def nested(key: str, value: object) -> dict[str, object]:
    first, _, rest = key.partition(".")
    return {first: nested(rest, value) if rest else value}


def rendered(values: object) -> dict[str, object]:
    """Return all objects, without the values and their checksum."""
    objects = render(values)
    manifests = {name: objects[name] for name in objects if name != "Secret/hub-values"}
    annotations = objects.pods()["Deployment/hub"]["metadata"]["annotations"]
    text = yaml.safe_dump(manifests).replace(annotations["checksum/secret"], "")
    result: dict[str, object] = yaml.safe_load(text)
    return result


@pytest.mark.parametrize("old", SAMPLES)
def test_a_deprecated_key_renders_what_its_current_keys_do(old: str) -> None:
    """Every moved key that templates read; the parts of a split key are set together."""
    deprecated = SAMPLES[old]
    current: dict[str, object] = {}
    for key in (new for moved, new in PAIRS if moved == old):
        current = merged(current, nested(key, deprecated))
    assert rendered(nested(old, deprecated)) == rendered(current) != rendered({})


def merged(one: dict[str, object], two: dict[str, object]) -> dict[str, object]:
    out = dict(one)
    for key, value in two.items():
        here = out.get(key)
        out[key] = (
            merged(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
        )
    return out
