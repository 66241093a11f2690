#!/usr/bin/env python3
"""Write `z2jh_hub/sandbox/trait_tables.json`: every configurable class of the hub image.

    tools/trait_tables.py            # write the file (`make lock` does)

Installs the authenticators and spawners of `images/hub/requirements.txt` into an environment of
their own and describes their classes there. Needs uv, from the PATH or from the variable UV.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "images" / "hub" / "requirements.txt"
REQUIREMENTS = ROOT / "images" / "hub" / "requirements.in"
DESCRIBE = """
import json, sys
from importlib.metadata import packages_distributions
from z2jh_hub.sandbox.table import describe
modules = sorted(name for name in packages_distributions() if name.isidentifier())
json.dump({**describe(), "modules": modules}, sys.stdout)
"""


def locked() -> dict[str, str]:
    """Return the distributions of the hub image with their versions."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text("utf-8"), re.MULTILINE))


def main() -> None:
    """Describe the classes of the image and write the file."""
    sys.path.insert(0, str(ROOT))
    from z2jh_hub.sandbox.table import FILE

    uv = os.environ.get("UV", "uv")
    extras = re.findall(r"^\S*authenticator\S*", REQUIREMENTS.read_text("utf-8"), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        python = f"{folder}/bin/python"
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        _run(
            uv, "pip", "install", "--quiet", "--python", python, "--constraint", str(LOCK),
            "--requirement", str(ROOT / "pyproject.toml"), *extras,
        )  # fmt: skip
        text = _run(python, "-c", DESCRIBE, PYTHONPATH=str(ROOT))
    data = {"packages": locked(), **json.loads(text)}
    FILE.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def _run(*command: str, **variables: str) -> str:
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}
    )
    return done.stdout


if __name__ == "__main__":
    main()
