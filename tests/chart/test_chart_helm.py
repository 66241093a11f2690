"""The programs `helm`, of both major versions, render what the tests see."""

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
    """`helm` or `helm3`, beside the programs of Kubernetes."""
    found = Path(os.environ.get("KUBEBUILDER_ASSETS", "."), name)
    if not found.is_file():
        pytest.skip(f"KUBEBUILDER_ASSETS names no directory with {name}")
    return found


def comparable(docs: list[Any]) -> dict[str, str]:
    """Objects by name; the versions differ in whether a default of null is among the values."""
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
    # what it takes for the cluster's version without asking one
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
def test_helm_finds_nothing_to_mend(name: str) -> None:
    found = subprocess.run(
        [program(name), "lint", "--strict", CHART], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout
    assert "[WARNING]" not in found.stdout
