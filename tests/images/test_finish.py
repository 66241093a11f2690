"""`images/finish.py`: the files that it removes, and the bytecode that it writes."""

from __future__ import annotations

import importlib.util
import marshal
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "images"
PACKAGES = "usr/local/lib/python3.13/site-packages"
CLIENT = f"{PACKAGES}/kubernetes_asyncio/client"
MODELS = "kubernetes_asyncio.client.models"


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def finish(root: Path, *lists: str) -> None:
    files = [IMAGES / "unused.txt", *(IMAGES / name for name in lists)]
    subprocess.run([sys.executable, IMAGES / "finish.py", root, *files], check=True)


def run(root: Path, code: str) -> str:
    """Run `code` with the packages under `root`; return its output."""
    environment = {"PYTHONPATH": str(root / PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_tests_and_sources_of_compiled_modules_are_removed(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            f"{PACKAGES}/package/__init__.py": "",
            f"{PACKAGES}/package/testing.py": "",
            f"{PACKAGES}/package/tests/test_it.py": "",
            f"{PACKAGES}/package/test/test_it.py": "",
            f"{PACKAGES}/package/fast.c": "",
            "usr/local/share/page/app.js.map": "",
        },
    )
    finish(root)
    left = {p.name for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert left == {"__init__.py", "testing.py"}


@pytest.mark.parametrize(("lists", "exists"), [((), True), (("hub/unused.txt",), False)])
def test_only_the_hub_loses_type_stubs(
    tmp_path: Path, lists: tuple[str, ...], exists: bool
) -> None:
    """Without them, jedi completes nothing in a cell."""
    stub = f"{PACKAGES}/jedi/third_party/typeshed/builtins.pyi"
    finish(tree(tmp_path, {stub: ""}), *lists)
    assert (tmp_path / stub).exists() is exists


def test_an_exclamation_mark_keeps_what_an_earlier_line_matches(tmp_path: Path) -> None:
    lexers = f"{PACKAGES}/pygments/lexers"
    root = tree(tmp_path, {f"{lexers}/{name}.py": "" for name in ("__init__", "python", "lasso")})
    finish(root, "hub/unused.txt")
    assert {p.name for p in (root / lexers).glob("*.py")} == {"__init__.py", "python.py"}


@pytest.mark.parametrize("lists", [("unused.txt",), ("hub/unused.txt",)])
def test_lists_name_only_paths_below_usr(lists: tuple[str, ...]) -> None:
    lines = [line for name in lists for line in (IMAGES / name).read_text().splitlines()]
    paths = [line.removeprefix("!") for line in lines if line and not line.startswith("#")]
    assert paths
    assert all(path.startswith("usr/") and len(path.split("/")) > 1 for path in paths)


def test_bytecode_is_not_checked_against_its_source(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"{PACKAGES}/module.py": "value = 1"})
    finish(root)
    source = root / PACKAGES / "module.py"
    source.write_text("value = 2")
    assert run(root, "import module; print(module.value)") == "1"
    cached = Path(importlib.util.cache_from_source(str(source)))
    assert int.from_bytes(cached.read_bytes()[4:8], "little") == 0b01


def test_bytecode_names_the_path_in_the_image(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"{PACKAGES}/module.py": ""})
    finish(root)
    cached = Path(importlib.util.cache_from_source(str(root / PACKAGES / "module.py")))
    assert marshal.loads(cached.read_bytes()[16:]).co_filename == f"/{PACKAGES}/module.py"


def test_generated_modules_are_bytecode_without_docstrings(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            f"{PACKAGES}/kubernetes_asyncio/__init__.py": "",
            f"{CLIENT}/__init__.py": '"""Kept."""',
            f"{CLIENT}/models/__init__.py": f"from {MODELS}.v1_pod import V1Pod",
            f"{CLIENT}/models/v1_pod.py": 'class V1Pod:\n    """Long."""\n    kind = "Pod"\n',
        },
    )
    finish(root)
    assert {p.name for p in (root / CLIENT / "models").glob("*.py*")} == {
        "__init__.py",
        "v1_pod.pyc",
    }
    code = f"from {MODELS} import V1Pod; print(V1Pod.kind, V1Pod.__doc__)"
    assert run(root, code) == "Pod None"
    code = "import kubernetes_asyncio.client as client; print(client.__doc__)"
    assert run(root, code) == "Kept."


@pytest.mark.parametrize(("second", "linked"), [("same", True), ("other", False)])
def test_identical_files_of_jupyterlab_become_a_link(
    tmp_path: Path, second: str, linked: bool
) -> None:
    folder = tmp_path / PACKAGES / "jupyterlab/static"
    files = {
        f"{PACKAGES}/jupyterlab/static/main.js": "same",
        "usr/local/share/jupyter/lab/static/main.js": second,
    }
    finish(tree(tmp_path, files))
    assert folder.is_symlink() is linked
    if linked:
        assert str(folder.readlink()) == "/usr/local/share/jupyter/lab/static"


def z2jh_of_the_hub_image(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `z2jh` with the package of this repository as the hub image contains it."""
    package = root / PACKAGES / "z2jh_hub"
    if not package.exists():
        shutil.copytree(ROOT / "z2jh_hub", package, ignore=shutil.ignore_patterns("__pycache__"))
        finish(root, "hub/unused.txt")
    code = f"""
import z2jh_hub.cli
assert z2jh_hub.__file__.startswith({str(root)!r})
z2jh_hub.cli.main({list(arguments)}, prog_name="z2jh")
"""
    env = {"PYTHONPATH": str(root / PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, cwd=root, capture_output=True, text=True, timeout=60)


def test_the_hub_image_has_no_local_mode_and_says_where_to_run_it(tmp_path: Path) -> None:
    listing = z2jh_of_the_hub_image(tmp_path, "--help")
    assert listing.returncode == 0, listing.stderr
    assert "dev  " in listing.stdout
    assert not (tmp_path / PACKAGES / "z2jh_hub/local").exists()
    for arguments in (["dev"], ["dev", "--help"], ["dev", "ps"]):
        done = z2jh_of_the_hub_image(tmp_path, *arguments)
        assert done.returncode == 2
        assert "`z2jh dev` is not part of the hub image" in done.stderr
        assert "pip install 'z2jh-hub[dev]'" in done.stderr
        assert "Traceback" not in done.stderr


def test_other_commands_do_not_import_local_mode() -> None:
    code = """
import sys
sys.modules["z2jh_hub.local"] = None
from z2jh_hub.cli import COMMANDS, EXTRAS, main
for name in COMMANDS.keys() - EXTRAS:
    main.get_command(None, name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_dockerfile_finishes_both_stages_of_the_hub_with_the_hubs_list() -> None:
    dockerfile = (IMAGES / "hub" / "Dockerfile").read_text()
    calls = [line for line in dockerfile.splitlines() if "/build/finish.py " in line]
    assert len(calls) == 2
    assert all("/build/unused.txt /build/hub/unused.txt" in call for call in calls)
