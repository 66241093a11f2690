"""The wheel has everything that the package needs, and works without a checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

import z2jh_hub

ROOT = Path(__file__).parents[2]
PARTS = (
    *("z2jh_hub", "z2jh.py", "chart"),
    *("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"),
)
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "chart_data", "*.egg-info")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once from a source distribution of the checkout, and installed alone."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=NOT_SHIPPED)
        else:
            shutil.copyfile(ROOT / part, source / part)
    run("-m", "build", "--outdir", str(place), str(source), cwd=place)
    shutil.rmtree(source)
    (wheel,) = place.glob("*.whl")
    target = place / "installed"
    run("-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel), cwd=place)
    return target


def run(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def evaluate(code: str, installed: Path) -> Any:
    """Return what `code` prints as JSON, with the installed wheel first on the path."""
    start = f"import json, sys; sys.path.insert(0, {str(installed)!r})\n"
    return json.loads(run("-W", "error", "-c", start + code, cwd=installed.parent))


def test_it_has_every_file_of_the_package(installed: Path) -> None:
    package = ROOT / "z2jh_hub"
    sources = {
        str(file.relative_to(ROOT))
        for file in package.rglob("*")
        if file.is_file() and file.suffix != ".pyc" and "chart_data" not in file.parts
    }
    assert {name for name in sources if not (installed / name).exists()} == set()


@pytest.mark.timeout(600)
def test_it_is_imported_from_where_it_is_installed(installed: Path) -> None:
    code = "import z2jh, z2jh_hub; print(json.dumps([z2jh.__file__, z2jh_hub.__file__]))"
    assert all(Path(file).is_relative_to(installed) for file in evaluate(code, installed))


def test_the_charts_files_are_readable(installed: Path) -> None:
    names = ["Chart.yaml", "values.yaml", "values.schema.yaml", "values.schema.json"]
    code = f"""
from z2jh_hub.chart import chart_files
print(json.dumps({{name: chart_files.read(name) for name in {names}}}))
"""
    assert evaluate(code, installed) == {
        name: (ROOT / "chart" / name).read_text() for name in names
    }


def test_the_version_and_the_licence(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    about = message_from_string(metadata.read_text("utf-8"))
    assert Version(about["Version"]) == Version(z2jh_hub.__version__)
    assert about["License-Expression"] == "BSD-3-Clause"
    (licence,) = installed.glob("*.dist-info/licenses/LICENSE")
    assert licence.read_text() == (ROOT / "LICENSE").read_text()


def test_every_file_of_the_package_is_in_it(installed: Path) -> None:
    def files(root: Path) -> set[str]:
        files = (p.relative_to(root) for p in root.rglob("*") if p.is_file())
        return {str(p) for p in files if not {"__pycache__", "data"} & {*p.parts}}

    assert files(installed / "z2jh_hub") == files(ROOT / "z2jh_hub")
    assert (installed / "z2jh_hub" / "py.typed").is_file()


def test_the_console_script_and_every_command(installed: Path) -> None:
    (entry_points,) = installed.glob("*.dist-info/entry_points.txt")
    assert "z2jh = z2jh_hub.cli:main" in entry_points.read_text()
    code = """
from click.testing import CliRunner
from z2jh_hub.cli import COMMANDS, main
print(json.dumps({name: CliRunner().invoke(main, [name, "--help"]).exit_code for name in COMMANDS}))
"""
    codes = evaluate(code, installed)
    assert codes
    assert set(codes.values()) == {0}


def test_it_configures_a_hub(installed: Path) -> None:
    code = """
from traitlets.config import Config
from z2jh_hub import configure
from z2jh_hub.config import values
c = Config()
configure.build(values.from_files([]), c)
print(json.dumps(c.JupyterHub.base_url))
"""
    assert evaluate(code, installed) == "/"
