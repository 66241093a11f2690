"""The pre-commit hook and the action that a deployment's repository runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml
from click.testing import CliRunner

from z2jh_hub.cli import main

ROOT = Path(__file__).parents[2]
CONFIG = "config: {JupyterHub: {authenticator_class: dummy}, DummyAuthenticator: {password: x}}"
GOOD = f"hub: {{{CONFIG}}}"


SNIPPET = f"hub: {{{CONFIG}, extraConfig: {{x: 'raise RuntimeError(1)'}}}}"


def run(command: str, tmp_path: Path, text: str) -> int:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    words = shlex.split(command.replace("$FILES", str(file)))
    assert words[0] == "z2jh"
    return CliRunner().invoke(main, words[1:]).exit_code


def test_the_pre_commit_hook(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    command = " ".join([hook["entry"], *hook["args"], "$FILES"])
    assert run(command, tmp_path, "cull: {timeout: 60}") == run(command, tmp_path, GOOD) == 0
    assert run(command, tmp_path, "cull: {timeout: soon}") == 1


def test_pre_commit_hook_runs_python_only_without_its_default_args(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert run(" ".join([hook["entry"], *hook["args"], "$FILES"]), tmp_path, SNIPPET) == 0
    assert run(f"{hook['entry']} $FILES", tmp_path, SNIPPET) == 1


def act(tmp_path: Path, text: str, **inputs: str) -> int:
    """Run the last step of the action as GitHub does; return its exit code."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs_given = {name: one.get("default", "") for name, one in action["inputs"].items()} | inputs
    step = action["runs"]["steps"][-1]
    (tmp_path / "config.yaml").write_text(text)
    environ = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs_given[m[1]], value)
        for name, value in step["env"].items()
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **environ, "PATH": path}, check=False
    ).returncode


def test_the_action(tmp_path: Path) -> None:
    assert act(tmp_path, GOOD) == 0
    assert act(tmp_path, "cull: {timeout: soon}") == 1


def test_action_runs_python_only_on_request(tmp_path: Path) -> None:
    assert act(tmp_path, SNIPPET) == 0
    assert act(tmp_path, SNIPPET, **{"run-python": "true"}) == 1


def test_without_a_file_it_says_what_to_do() -> None:
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 2
    assert "z2jh check -f config.yaml" in result.output
