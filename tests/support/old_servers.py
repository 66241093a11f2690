"""User servers of earlier releases of JupyterHub, each installed once in its own environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def command(version: str) -> list[str]:
    """Return the command of a user server; skip the test if it cannot be installed."""
    place = Path(sys.prefix) / "share" / "z2jh" / f"jupyterhub-{version}"
    if not (place / "bin" / "jupyterhub-singleuser").exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        done = subprocess.run(
            [place / "bin" / "pip", "install", "--quiet", f"jupyterhub=={version}",
             "jupyter_server"],
            capture_output=True, text=True, timeout=250,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"JupyterHub {version} cannot be installed: {done.stderr[-300:]}")
    # `z2jh dev` would replace a path of jupyterhub-singleuser, which images have, with its own
    return [f"{place}/bin/python", "-m", "jupyterhub.singleuser", "--allow-root"]
