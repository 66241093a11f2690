"""Templates do not depend on the order in which Helm renders them."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
import yaml
from support.charts import CHART, render

VALUES = """
hub: {uid: 5, extraConfig: {removed: null}}
proxy: {secretToken: abc}
"""
PROBE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: %s}
data:
  hub: {{ .Values.hub | toJson | quote }}
  proxy: {{ .Values.proxy | toJson | quote }}
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """The chart with three additional files; Helm renders one of them first and one last."""
    chart = copytree(CHART, tmp_path / "chart")
    for name in ("a", "hub/m", "z"):
        (chart / "templates" / f"{name}.yaml").write_text(PROBE % name.replace("/", "-"))
    return chart


def test_no_template_changes_the_values_of_another(chart: Path) -> None:
    objects = render(VALUES, chart=chart)
    first, *others = (objects[f"ConfigMap/{name}"]["data"] for name in ("a", "hub-m", "z"))
    assert others == [first, first]
    hub = yaml.safe_load(first["hub"])
    assert hub["uid"] == 5
    assert hub["containerSecurityContext"]["runAsUser"] != 5


def test_every_file_renders_with_current_keys() -> None:
    """A file that reads `.Values` directly would not see deprecated keys."""
    for file in sorted(CHART.glob("templates/**/*")):
        if file.suffix in (".yaml", ".txt"):
            first = file.read_text().splitlines()[0]
            assert first.startswith('{{- include "jupyterhub.render" (list . '), file
