"""Public values files, and the records of what the public chart renders from them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("Z2JH_SHARED", Path(__file__).parents[3] / "shared"))
RECORDS = SHARED / "tools" / "fidelity" / "records"


def files(corpus: str) -> list[Path]:
    """Return the values files of a corpus, or none if `../shared` does not exist."""
    return [f for f in sorted((SHARED / corpus).glob("*.yaml")) if ".objects." not in f.name]


def of_corpora(*corpora: str) -> pytest.MarkDecorator:
    """Parametrize by `file`; skip with a reason if the files do not exist."""
    parameters = [pytest.param(f, id=f.stem) for corpus in corpora for f in files(corpus)]
    missing = pytest.param(
        None, marks=pytest.mark.skip(reason="../shared does not exist, and Z2JH_SHARED is not set")
    )
    return pytest.mark.parametrize("file", parameters or [missing])


def deployment(file: Path) -> dict[str, str]:
    """Return the release and namespace of a values file, as arguments of `render`."""
    known = json.loads((file.parent / "index.json").read_text())["hubs"].get(file.name, {})
    return {
        "release": known.get("release", "jupyterhub"),
        "namespace": known.get("namespace", "default"),
    }


def record(file: Path) -> Any:
    """Return the record of what the public chart renders from `file`."""
    with gzip.open(RECORDS / file.parent.name / f"{file.stem}.json.gz") as text:
        return json.load(text)


def rendered_by_both(file: Path) -> list[Any]:
    """Return the objects of the public chart; skip the test if either chart refuses the file."""
    recorded = record(file)
    if not recorded.get("manifests") or recorded["schema_error"]:
        pytest.skip("the public chart does not render it")
    if file.stem == "db-no-url":
        pytest.skip("this chart refuses a database without a URL")
    manifests: list[Any] = recorded["manifests"]
    return manifests
