"""Both major versions of `helm` render the same objects as the tests do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.charts import CHART, read, render

PROGRAMS = ("helm", "helm3")


def program(name: str) -> Path:
    """Return the path of `helm` or `helm3`, next to the Kubernetes binaries."""
    result = Path(os.environ.get("KUBEBUILDER_ASSETS", "."), name)
    if not result.is_file():
        pytest.skip(f"KUBEBUILDER_ASSETS names no directory with {name}")
    return result


def comparable(docs: list[Any]) -> dict[str, str]:
    """Return the objects by name; the versions treat defaults of null differently."""
    out = {}
    for doc in docs:
        (doc.get("data") or {}).pop("values.yaml", None)
        text = re.sub(r"checksum/secret: .*", "", yaml.safe_dump(doc))
        out[f"{doc['kind']}/{doc['metadata']['name']}"] = text
    return out


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("scenario", ["old-keys", "https-letsencrypt", "extra-files", "names"])
def test_helm_renders_the_same(name: str, scenario: str) -> None:
    file = CHART / "ci" / f"{scenario}-values.yaml"
    # the version of Kubernetes that Helm assumes without a cluster
    version = ["--kube-version", "1.35.0"]
    rendered = subprocess.run(
        [
            program(name),
            "template",
            "my-release",
            CHART,
            "-n",
            "my-namespace",
            "-f",
            file,
            *version,
        ],
        capture_output=True,
        text=True,
    )
    assert rendered.returncode == 0, rendered.stderr
    docs = [doc for doc in yaml.safe_load_all(rendered.stdout) if doc]
    ours = yaml.safe_load_all(yaml.safe_dump_all(render(read(file)).docs))
    assert comparable(docs) == comparable(list(ours))


@pytest.mark.parametrize("name", PROGRAMS)
def test_helm_lint_passes(name: str) -> None:
    result = subprocess.run(
        [program(name), "lint", "--strict", CHART], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout
    assert "[WARNING]" not in result.stdout
