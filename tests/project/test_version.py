"""Package, wheel, chart, images and docs state one version, and one command changes it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

ROOT = Path(__file__).parents[2]
# files that state other versions, or versions of the past
OTHER = (
    "CHANGELOG.md",
    "*.lock",
    "*requirements.txt",
    "*slim.txt",
    "*build.txt",
    "*package-lock.json",
)
SEMVER = r"(\d+\.\d+\.\d+(?:-[\w.]+)?)"


def first(pattern: str, file: Path) -> str:
    match = re.search(pattern, file.read_text("utf-8"), re.M)
    assert match, f"{file.name} states no version"
    return match[1]


def stated(root: Path) -> dict[str, set[str]]:
    """Return the versions that a checkout states, by file."""
    chart = yaml.safe_load((root / "chart/Chart.yaml").read_text())
    values = yaml.safe_load((root / "chart/values.yaml").read_text())
    docs = [root / "README.md", *(root / "docs").rglob("*.md")]
    images = {
        version
        for page in docs
        for version in re.findall(rf"z2jh-(?:hub|singleuser):{SEMVER}", page.read_text("utf-8"))
    }
    return {
        "package": {first(r'^__version__ = "(.+)"$', root / "z2jh_hub/__init__.py")},
        "chart": {chart["version"]},
        "images": {values[part]["image"]["tag"] for part in ("hub", "singleuser")},
        "images in the docs": images,
        "tbump": {tomllib.loads((root / "tbump.toml").read_text())["version"]["current"]},
    }


def version(root: Path = ROOT) -> str:
    return first(r'^__version__ = "(.+)"$', root / "z2jh_hub/__init__.py")


@pytest.mark.parametrize("place", stated(ROOT))
def test_the_version_is_the_same_everywhere(place: str) -> None:
    assert stated(ROOT)[place] == {version()}


def test_the_version_is_valid_for_helm_and_for_python() -> None:
    assert re.fullmatch(SEMVER, version())
    Version(version())  # raises InvalidVersion


def test_the_wheel_takes_the_version_from_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic["version"] == {"attr": "z2jh_hub.__version__"}


def test_app_version_is_the_locked_jupyterhub() -> None:
    locked = first(r"^jupyterhub==(\S+)", ROOT / "images/hub/requirements.txt")
    assert yaml.safe_load((ROOT / "chart/Chart.yaml").read_text())["appVersion"] == locked


def git(*arguments: str, cwd: Path) -> str:
    name = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", *name, *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Create a repository with the tracked files of this one."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if files.returncode:
        pytest.skip("this is not a git checkout")
    for name in files.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    git("init", "-q", "-b", "main", cwd=tmp_path)
    git("config", "user.name", "Test", cwd=tmp_path)
    git("config", "user.email", "test@example.org", cwd=tmp_path)
    git("add", "-A", cwd=tmp_path)
    git("commit", "-q", "-m", "Start", cwd=tmp_path)
    return tmp_path


def tbump(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tbump", "--non-interactive", "--no-push", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=60)


def test_a_release_changes_the_version_everywhere(checkout: Path) -> None:
    old = version(checkout)
    done = tbump(checkout, "98.7.6")
    assert done.returncode == 0, done.stdout + done.stderr

    assert set().union(*stated(checkout).values()) == {"98.7.6"}
    assert git("tag", "--points-at", "HEAD", cwd=checkout).strip() == "98.7.6"
    assert git("status", "--porcelain", cwd=checkout) == ""
    assert re.search(
        rf"## \[Unreleased\]\n\n## \[98\.7\.6\] - {date.today().year}-",
        (checkout / "CHANGELOG.md").read_text("utf-8"),
    )
    others = [f":!{pattern}" for pattern in OTHER]
    left = subprocess.run(
        ["git", "grep", "-nF", old, "--", ".", ":!tests", *others],
        cwd=checkout, capture_output=True, text=True,
    )  # fmt: skip
    examples = [line for line in left.stdout.splitlines() if f"VERSION={old}" not in line]
    assert [line for line in examples if not line.startswith("tbump.toml:2")] == []


def test_a_release_needs_an_entry_in_the_changelog(checkout: Path) -> None:
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- Old\n", "utf-8")
    git("commit", "-q", "-a", "-m", "Empty the changelog", cwd=checkout)
    done = tbump(checkout, "98.7.6")
    assert done.returncode != 0
    assert 'add the changes of 98.7.6 under "## [Unreleased]"' in done.stdout + done.stderr
    assert git("tag", cwd=checkout) == ""


def test_a_development_version_leaves_the_changelog_alone(checkout: Path) -> None:
    before = (checkout / "CHANGELOG.md").read_text("utf-8")
    done = tbump(checkout, "--no-tag", "98.8.0-dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set().union(*stated(checkout).values()) == {"98.8.0-dev"}
    assert (checkout / "CHANGELOG.md").read_text("utf-8") == before


@pytest.mark.parametrize("wrong", ["0.2", "v0.2.0", "0.2.0.dev0", "0.2.0-beta"])
def test_other_versions_are_refused(checkout: Path, wrong: str) -> None:
    assert tbump(checkout, wrong).returncode != 0
    assert git("status", "--porcelain", cwd=checkout) == ""
