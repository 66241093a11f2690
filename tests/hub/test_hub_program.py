"""`python -m z2jh_hub.hub` runs JupyterHub, and loads fewer modules than `python -m jupyterhub`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest


@pytest.mark.parametrize(("program", "loads"), [("jupyterhub", True), ("z2jh_hub.hub", False)])
def test_grammars_of_unused_formats_are_not_loaded(program: str, loads: bool) -> None:
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}  # see tests/conftest.py
    command = [sys.executable, "-X", "importtime", "-m", program, "--version"]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == version("jupyterhub")
    assert ("rfc3987_syntax.syntax_helpers" in result.stderr) is loads
