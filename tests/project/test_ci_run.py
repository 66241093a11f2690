"""`.ci/run` prints its usage, and installs packages only on request."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
NEEDED = ("bash", "cat", "dirname", "env")

CHECKS = [
    "make venv",
    "make .venv/docs",
    "make lint",
    "make test",
    "make test-slow",
    "make cluster-test",
]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a PATH with only what the script needs, and programs that record their calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        program = shutil.which(name)
        assert program
        (folder / name).symlink_to(program)
    for name, prints in {"apt-get": "", "make": "", "id": "0"}.items():
        file = folder / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/calls"\necho {prints}\n')
        file.chmod(0o755)
    return folder


def calls(programs: Path) -> list[str]:
    file = programs.parent / "calls"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in lines if not line.startswith("id ")]


def run(programs: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if key != "CI"}
    shared = {"Z2JH_SHARED": str(programs.parent / "none"), "PATH": str(programs)}
    return subprocess.run(
        [RUN, *options], env={**inherited, **shared, **environment}, capture_output=True, text=True
    )


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("ci", ["", "true"])
def test_help_prints_usage_and_runs_nothing(programs: Path, option: str, ci: str) -> None:
    done = run(programs, option, CI=ci)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: .ci/run")
    assert "--install" in done.stdout
    assert calls(programs) == []


def test_an_unknown_option_prints_usage_and_runs_nothing(programs: Path) -> None:
    done = run(programs, "--instal")
    assert done.returncode == 2
    assert "unknown option: --instal" in done.stderr
    assert calls(programs) == []


def test_nothing_is_installed_by_default(programs: Path) -> None:
    done = run(programs)
    assert done.returncode == 0, done.stderr
    assert calls(programs) == CHECKS


@pytest.mark.parametrize(("options", "ci"), [(["--install"], ""), ([], "true")])
def test_packages_are_installed_when_asked_to(programs: Path, options: list[str], ci: str) -> None:
    done = run(programs, *options, CI=ci)
    assert done.returncode == 0, done.stderr
    update, install, *checks = calls(programs)
    assert update == "apt-get update -qq"
    assert install.startswith("apt-get install")
    assert " chromium " in install
    assert checks == CHECKS


def test_the_first_failing_check_ends_the_run(programs: Path) -> None:
    (programs / "make").write_text(
        f'#!/bin/sh\necho "make $*" >>"{programs.parent}/calls"\n[ "$1" != lint ]\n'
    )
    assert run(programs).returncode == 1
    assert calls(programs) == ["make venv", "make .venv/docs", "make lint"]
