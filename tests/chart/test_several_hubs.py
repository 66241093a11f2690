"""The files in examples/several-hubs: one address, and a hub for each course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.charts import render

from z2jh_hub.check import check

FILES = sorted((Path(__file__).parents[2] / "examples" / "several-hubs").glob("*.yaml"))


def values(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_check_reports_nothing(file: Path) -> None:
    assert check([file], run=False) == []


def test_each_path_leads_to_one_hub() -> None:
    paths = []
    for file in FILES:
        (rule,) = render(values(file))["Ingress/jupyterhub"]["spec"]["rules"]
        assert rule["host"] == "hub.example.org"
        paths += [path["path"] for path in rule["http"]["paths"]]
    assert paths == [f"/{file.stem}/" for file in FILES]
    assert len(set(paths)) == len(FILES) == 2


def test_their_objects_are_in_their_namespaces() -> None:
    """Two releases with the same names share nothing outside of their namespaces."""
    for file in FILES:
        objects = render({**values(file), "scheduling": {"userScheduler": {"enabled": False}}})
        kinds = {name.partition("/")[0] for name in objects}
        assert not kinds & {"ClusterRole", "ClusterRoleBinding", "StorageClass"}
