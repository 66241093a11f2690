"""Build step: make the packages under a root as small and as quick to start as they can be.

    python finish.py /image

Removes what nothing reads at run time and compiles the rest. The bytecode is not checked
against its source again (no file of an image changes), which also makes it the same whenever
it is built.
"""

import compileall
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode

# below the root: what packages install and no running program reads
UNUSED = (
    "usr/include",
    "usr/local/include",
    "usr/local/share/man",
    "usr/local/lib/python3*/*-packages/*.md",
    "usr/local/lib/python3*/*-packages/*.toml",
    # the packages' own tests
    "usr/local/lib/python3*/*-packages/**/tests",
    # browsers' debugging maps; sources and stubs of compiled modules
    "usr/local/**/*.map",
    "usr/local/lib/python3*/*-packages/**/*.c",
    "usr/local/lib/python3*/*-packages/**/*.h",
    "usr/local/lib/python3*/*-packages/**/*.pyi",
    "usr/local/lib/python3*/*-packages/**/*.pyx",
    # JupyterHub's pages take one file each of these, and Font Awesome's fonts
    "usr/local/share/jupyterhub/static/components/@fortawesome/fontawesome-free/[!w]*/",
    "usr/local/share/jupyterhub/static/components/bootstrap/[!d]*/",
    "usr/local/share/jupyterhub/static/components/bootstrap/dist/css",
    "usr/local/share/jupyterhub/static/components/jquery/[!d]*/",
    "usr/local/share/jupyterhub/static/components/jquery/dist-module",
    "usr/local/share/jupyterhub/static/components/moment/*/",
    "usr/local/share/jupyterhub/static/components/requirejs/bin",
)


def found(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from [path for path in root.glob(pattern) if path.exists()]


def remove_unused(root: Path) -> None:
    """Take away what `UNUSED` names."""
    for path in found(root, UNUSED):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def strip_modules(root: Path) -> None:
    """Take the debugging symbols out of compiled modules.

    Not of the libraries in `*.libs`: those were edited when their wheel was made, and do not
    all survive it.
    """
    if modules := [str(p) for p in root.rglob("*.so") if not p.parent.name.endswith(".libs")]:
        subprocess.run(["strip", "--strip-unneeded", *modules], check=True)


def compile_all(root: Path) -> None:
    """Write every module's bytecode, as if `root` were `/`."""
    for packages in root.glob("usr/local/lib/python3*"):
        compileall.compile_dir(
            packages,
            maxlevels=100,
            stripdir=str(root),
            prependdir="/",
            quiet=2,  # some packages carry templates that are not Python yet
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    image = Path(sys.argv[1])
    remove_unused(image)
    strip_modules(image)
    compile_all(image)
