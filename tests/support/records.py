"""Real deployments' files, and what the public chart makes of them."""

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
    """The values files of a corpus; none where there is no `../shared`."""
    return [f for f in sorted((SHARED / corpus).glob("*.yaml")) if ".objects." not in f.name]


def of_corpora(*corpora: str) -> pytest.MarkDecorator:
    """Parametrize by `file`; skipped with a reason where the files are not there."""
    found = [pytest.param(f, id=f.stem) for corpus in corpora for f in files(corpus)]
    missing = pytest.param(
        None, marks=pytest.mark.skip(reason="no ../shared here, and Z2JH_SHARED names none")
    )
    return pytest.mark.parametrize("file", found or [missing])


def deployment(file: Path) -> dict[str, str]:
    """The release and namespace of a values file, as `render` takes them."""
    known = json.loads((file.parent / "index.json").read_text())["hubs"].get(file.name, {})
    return {
        "release": known.get("release", "jupyterhub"),
        "namespace": known.get("namespace", "default"),
    }


def record(file: Path) -> Any:
    """What the public chart made of it."""
    with gzip.open(RECORDS / file.parent.name / f"{file.stem}.json.gz") as text:
        return json.load(text)


def rendered_by_both(file: Path) -> list[Any]:
    """The public chart's objects; skips the test where one of the charts refuses the file."""
    recorded = record(file)
    if not recorded.get("manifests") or recorded["schema_error"]:
        pytest.skip("the public chart does not render it")
    if file.stem == "db-no-url":
        pytest.skip("refused here: a database without its address")
    manifests: list[Any] = recorded["manifests"]
    return manifests
