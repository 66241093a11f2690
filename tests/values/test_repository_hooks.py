"""What a deployment's repository runs: the pre-commit hook and the forge's action."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml
from click.testing import CliRunner

from z2jh_hub.cli import main

ROOT = Path(__file__).parents[2]
GOOD = (
    "hub: {config: {JupyterHub: {authenticator_class: dummy}, DummyAuthenticator: {password: x}}}"
)


def run(command: str, tmp_path: Path, text: str) -> int:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    words = shlex.split(command.replace("$FILES", str(file)))
    assert words[0] == "z2jh"
    return CliRunner().invoke(main, words[1:]).exit_code


def test_the_pre_commit_hook(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    command = f"{hook['entry']} --static $FILES"
    assert run(command, tmp_path, "cull: {timeout: 60}") == run(command, tmp_path, GOOD) == 0
    assert run(command, tmp_path, "cull: {timeout: soon}") == 1


def test_the_action(tmp_path: Path) -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    command = steps[-1]["run"] + " --static"
    assert run(command, tmp_path, GOOD) == 0
    assert run(command, tmp_path, "cull: {timeout: soon}") == 1


def test_without_a_file_it_says_what_to_do() -> None:
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 2
    assert "z2jh check -f config.yaml" in result.output
