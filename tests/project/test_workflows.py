"""The workflows pin their actions, have few permissions, name no registry, and call what exists."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import z2jh_hub

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PARSED = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in WORKFLOWS}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
WHERE = ("registry.example.org/charts", "registry.example.org/us/")
JOBS = [
    pytest.param(job, id=f"{workflow}-{name}")
    for workflow, parsed in PARSED.items()
    for name, job in parsed["jobs"].items()
]


def steps() -> Iterator[dict[str, Any]]:
    yield from ACTION["runs"]["steps"]
    for parsed in PARSED.values():
        for job in parsed["jobs"].values():
            yield from job.get("steps", [])


def commands() -> str:
    return "\n".join(step["run"] for step in steps() if "run" in step)


def test_the_workflows_of_a_project() -> None:
    assert PARSED.keys() == {"docs", "images", "publish", "test"}


def test_actions_are_pinned_by_a_full_version() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [use for use in used if not re.search(r"@v\d+\.\d+\.\d+$", use)] == []


@pytest.mark.parametrize("workflow", PARSED)
def test_a_workflow_has_no_permission_by_itself(workflow: str) -> None:
    assert PARSED[workflow]["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_states_its_permissions_and_writes_only_identity_tokens(job: dict[str, Any]) -> None:
    writes = {name for name, access in job["permissions"].items() if access != "read"}
    assert writes <= {"id-token"}
    if writes and "uses" not in job:
        assert job["environment"] == "release"


@pytest.mark.parametrize("job", JOBS)
def test_a_checkout_keeps_no_credentials(job: dict[str, Any]) -> None:
    for step in job.get("steps", []):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_no_registry_is_named() -> None:
    named = r"docker\.io|ghcr\.io|quay\.io|gcr\.io|pypi\.org|npmjs|pythonhosted|proxy\.golang"
    files = [*(ROOT / ".github").rglob("*.yml"), *(ROOT / "tools").iterdir(), ROOT / "action.yml"]
    texts = {file.name: file.read_text("utf-8") for file in files if file.is_file()}
    assert {name for name, text in texts.items() if re.search(named, text)} == set()


def test_scripts_and_targets_that_are_called_exist() -> None:
    scripts = set(re.findall(r"(?:^|[\s(])((?:\.ci|tools|images)/[\w-]+)", commands(), re.M))
    assert {".ci/run", "tools/version", "tools/publish-chart", "images/build"} <= scripts
    assert [script for script in scripts if not os.access(ROOT / script, os.X_OK)] == []
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    called = re.findall(r"\bmake ((?:[a-z-]+ ?)+)", commands())
    assert called
    assert {target for words in called for target in words.split()} <= targets


def test_every_supported_python_is_tested() -> None:
    tested = PARSED["test"]["jobs"]["checks"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    stated = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert tested == stated
    assert project["requires-python"] == f">={tested[0]}"


def test_images_are_published_for_both_architectures_with_sbom_and_provenance() -> None:
    job = PARSED["images"]["jobs"]["publish"]
    (build,) = [step["with"] for step in job["steps"] if step.get("id") == "build"]
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert build["sbom"] is True
    assert build["provenance"] == "mode=max"
    assert job["strategy"]["matrix"]["image"] == ["hub", "singleuser"]
    assert "cosign sign" in job["steps"][-1]["run"]


def script(
    name: str, *arguments: str, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"} if path else None
    command = [ROOT / "tools" / name, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_a_tag_of_another_version_is_refused() -> None:
    assert script("version").stdout.strip() == z2jh_hub.__version__
    assert script("version", "--expect", z2jh_hub.__version__).returncode == 0
    other = script("version", "--expect", "98.7.6")
    assert other.returncode == 1
    assert f"the version is {z2jh_hub.__version__}, not 98.7.6" in other.stderr


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Substitutes for helm and cosign that record their arguments and the packaged values."""
    folder = tmp_path / "bin"
    folder.mkdir()
    helm = f"""#!/bin/sh
echo "helm $*" >>{tmp_path}/calls
case $1 in
  package) cp "$2/values.yaml" {tmp_path}/values.yaml ;;
  push) echo "Pushed: there" >&2; echo "Digest: sha256:0123" >&2 ;;
esac
"""
    cosign = f'#!/bin/sh\necho "cosign $*" >>{tmp_path}/calls\n'
    for name, text in {"helm": helm, "cosign": cosign}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def test_the_chart_is_pushed_signed_and_deploys_the_published_images(programs: Path) -> None:
    done = script("publish-chart", *WHERE, path=programs)
    assert done.returncode == 0, done.stderr
    package, push, sign = (programs.parent / "calls").read_text().splitlines()
    assert package.startswith("helm package ")
    assert f"jupyterhub-{z2jh_hub.__version__}.tgz oci://registry.example.org/charts" in push
    assert sign == "cosign sign --yes registry.example.org/charts/jupyterhub@sha256:0123"
    values = yaml.safe_load((programs.parent / "values.yaml").read_text())
    assert values["hub"]["image"]["name"] == "registry.example.org/us/z2jh-hub"
    assert values["singleuser"]["image"]["name"] == "registry.example.org/us/z2jh-singleuser"


def test_a_chart_without_a_digest_is_not_signed(programs: Path) -> None:
    (programs / "helm").write_text("#!/bin/sh\n")
    done = script("publish-chart", *WHERE, path=programs)
    assert done.returncode == 1
    assert "no digest" in done.stderr
    assert not (programs.parent / "calls").exists()
