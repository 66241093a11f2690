"""The chart as a subchart of another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.charts import CHART, Objects, render

PARENT = """
apiVersion: v2
name: parent
version: 1.0.0
dependencies: [{name: jupyterhub, version: "*", repository: ""}]
"""
VALUES = """
global: {whatever: 1}
jupyterhub: {hub: {uid: 7}, custom: {a: 1}}
"""


@pytest.fixture(scope="session")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parent")
    (folder / "Chart.yaml").write_text(PARENT)
    shutil.copytree(CHART, folder / "charts" / "jupyterhub")
    # two templates of the parent, rendered before and after this chart's, read unchanged values
    (folder / "templates").mkdir()
    (folder / "templates" / "a.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: own}\n"
        "data: {values: {{ .Values.jupyterhub | toJson | quote }}}\n"
    )
    return folder


def test_subchart_renders_the_same_objects(parent: Path) -> None:
    own: Objects = render("hub: {uid: 7}\ncustom: {a: 1}")
    assert set(render(VALUES, chart=parent)) - {"ConfigMap/own"} == set(own)


def test_values_of_the_parent_are_unchanged(parent: Path) -> None:
    text = render(VALUES, chart=parent)["ConfigMap/own"]["data"]["values"]
    assert '"uid":7' in text
    assert '"runAsUser":1000' in text


def test_hub_gets_its_values_and_the_global_ones(parent: Path) -> None:
    values = render(VALUES, chart=parent).values()
    assert (values["custom"], values["global"]["whatever"]) == ({"a": 1}, 1)
    assert "jupyterhub" not in values
