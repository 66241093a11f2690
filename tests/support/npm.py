"""Packages of npm, each installed once beside the Python that runs the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from z2jh_hub.local.dev import proxy

OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save")


def node() -> Path:
    """Return the path of Node; skip the test if it is not installed."""
    try:
        return proxy.node()
    except proxy.ProxyMissing as error:
        pytest.skip(str(error))


def install(name: str, version: str) -> Path:
    """Return the folder of an installed package; skip the test if it cannot be installed."""
    place = Path(sys.prefix) / "share" / "z2jh" / f"{name}-{version}"
    folder = place / "node_modules" / name
    if not folder.exists():
        place.mkdir(parents=True, exist_ok=True)
        program = node()
        npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        done = subprocess.run(
            [program, npm, "install", *OPTIONS, f"{name}@{version}"],
            cwd=place, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm could not install {name}: {done.stderr[-300:]}")
    return folder
