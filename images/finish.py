"""Build step: reduce the size and the start-up time of the packages under a root.

    python finish.py /image unused.txt…

Removes the files that the lists name, because nothing reads them at run time, and compiles the
rest. Python does not check the bytecode against its source, since no file of an image changes;
this also makes builds reproducible.
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

# folder: the folder with the same files to which it becomes a link
COPIES = {
    "usr/local/lib/python3*/*-packages/jupyterlab/static": "usr/local/share/jupyter/lab/static",
}

# hundreds of generated modules, which consist mostly of docstrings
GENERATED = (
    "usr/local/lib/python3*/*-packages/kubernetes_asyncio/client/api",
    "usr/local/lib/python3*/*-packages/kubernetes_asyncio/client/models",
)


def unused(root: Path, lines: Iterable[str]) -> set[Path]:
    """Return the paths under `root` that the lines of a list match."""
    matches: set[Path] = set()
    for line in map(str.strip, lines):
        if line.startswith("!"):
            matches -= set(root.glob(line[1:]))
        elif line and not line.startswith("#"):
            matches |= set(root.glob(line))
    return matches


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # its folder may have been removed


def _files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def link_copies(root: Path) -> None:
    """Replace the folders of `COPIES` with links if their files are identical."""
    for pattern, other in COPIES.items():
        for folder in root.glob(pattern):
            original, names = root / other, _files(folder)
            if names == _files(original) and not any(
                filecmp.cmpfiles(folder, original, map(str, names), shallow=False)[1:]
            ):
                shutil.rmtree(folder)
                folder.symlink_to(f"/{other}")


def strip_modules(root: Path) -> None:
    """Remove the debugging symbols of compiled modules.

    Libraries in `*.libs` are excluded: they were patched when their wheel was built, and stripping
    breaks some of them.
    """
    if modules := [str(p) for p in root.rglob("*.so") if not p.parent.name.endswith(".libs")]:
        subprocess.run(["strip", "--strip-unneeded", *modules], check=True)


def compile_below(root: Path, folder: Path, **how: object) -> None:
    """Compile the modules of a folder, with paths as if `root` were `/`."""
    compileall.compile_dir(
        folder,
        maxlevels=100,
        stripdir=str(root),
        prependdir="/",
        quiet=2,  # some packages contain templates that are not valid Python
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        **how,  # type: ignore[arg-type]
    )


def compile_generated(root: Path) -> None:
    """Replace the modules of `GENERATED` with bytecode without docstrings.

    `__init__.py` stays, because `z2jh_hub.hub.lazy_kubernetes` reads its exports.
    """
    for folder in (path for pattern in GENERATED for path in root.glob(pattern)):
        compile_below(root, folder, legacy=True, optimize=2, rx=re.compile(r"__init__\.py$"))
        for source in _modules(folder):
            if not source.with_suffix(".pyc").exists():
                sys.exit(f"finish.py: {source} was not compiled")
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
