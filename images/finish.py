"""Build step: make the packages under a root as small and as quick to start as they can be.

    python finish.py /image unused.txt…

Removes what the lists name, because nothing reads it at run time, and compiles the rest. The
bytecode is not checked against its source again (no file of an image changes), which also makes
it the same whenever it is built.
"""

import compileall
import filecmp
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from py_compile import PycInvalidationMode

# folder: another one of the same files, to which it becomes a link
TWICE = {
    "usr/local/lib/python3*/*-packages/jupyterlab/static": "usr/local/share/jupyter/lab/static",
}

# hundreds of modules that a generator wrote, docstrings in large part
GENERATED = (
    "usr/local/lib/python3*/*-packages/kubernetes_asyncio/client/api",
    "usr/local/lib/python3*/*-packages/kubernetes_asyncio/client/models",
)


def unused(root: Path, lines: Iterable[str]) -> set[Path]:
    """What the lines of such a list name under `root`."""
    found: set[Path] = set()
    for line in map(str.strip, lines):
        if line.startswith("!"):
            found -= set(root.glob(line[1:]))
        elif line and not line.startswith("#"):
            found |= set(root.glob(line))
    return found


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # its folder may be gone already


def _files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def link_copies(root: Path) -> None:
    """Have files of `TWICE` that are the same in both folders once."""
    for pattern, other in TWICE.items():
        for folder in root.glob(pattern):
            kept, names = root / other, _files(folder)
            if names == _files(kept) and not any(
                filecmp.cmpfiles(folder, kept, map(str, names), shallow=False)[1:]
            ):
                shutil.rmtree(folder)
                folder.symlink_to(f"/{other}")


def strip_modules(root: Path) -> None:
    """Take the debugging symbols out of compiled modules.

    Not of the libraries in `*.libs`: those were edited when their wheel was made, and do not
    all survive it.
    """
    if modules := [str(p) for p in root.rglob("*.so") if not p.parent.name.endswith(".libs")]:
        subprocess.run(["strip", "--strip-unneeded", *modules], check=True)


def compile_below(root: Path, folder: Path, **how: object) -> None:
    """Write bytecode of a folder's modules, as if `root` were `/`."""
    compileall.compile_dir(
        folder,
        maxlevels=100,
        stripdir=str(root),
        prependdir="/",
        quiet=2,  # some packages carry templates that are not Python yet
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        **how,  # type: ignore[arg-type]
    )


def compile_generated(root: Path) -> None:
    """Leave the bytecode of `GENERATED`, without docstrings, in its source's place.

    `__init__.py` stays: `z2jh_hub.hub.lazy_kubernetes` reads what it exports.
    """
    for folder in (found for pattern in GENERATED for found in root.glob(pattern)):
        compile_below(root, folder, legacy=True, optimize=2, rx=re.compile(r"__init__\.py$"))
        for source in _modules(folder):
            if not source.with_suffix(".pyc").exists():
                sys.exit(f"finish.py: no bytecode of {source}")
            source.unlink()


def _modules(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")


def compile_all(root: Path) -> None:
    for packages in root.glob("usr/local/lib/python3*"):
        compile_below(root, packages)


if __name__ == "__main__":
    image, *lists = map(Path, sys.argv[1:])
    for file in lists:
        remove(unused(image, file.read_text().splitlines()))
    link_copies(image)
    strip_modules(image)
    compile_generated(image)
    compile_all(image)
