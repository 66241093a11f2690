"""The files of a run: what the child may write, and what the parent reads of it afterwards.

Everything below the scratch directory may be the work of hostile code: a link to a private file, a
pipe that nobody writes to, a tree that is too deep to remove, or more than the disk can hold.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ANSWER, STUCK = "answer.json", "stuck"
# directories that code in the sandbox may write to
WRITABLE = ("work", "home", "tmp")
# bytes of an answer; those of large configurations have less than a tenth
LONGEST_ANSWER = 16 << 20
# bytes and number of files that a run may leave
MOST_BYTES, MOST_FILES = 256 << 20, 10_000


@contextmanager
def directory() -> Iterator[Path]:
    """Return a new directory, which is removed with what then is in it."""
    # resolved, because the temporary directory is a link on macOS and code compares paths
    scratch = Path(tempfile.mkdtemp(prefix="z2jh-")).resolve()
    try:
        yield scratch
    finally:
        with contextlib.suppress(OSError):
            _empty(scratch)
            scratch.rmdir()


def _empty(folder: Path) -> None:
    """Remove what is in a directory.

    Directories are moved up before they are read: `shutil.rmtree` fails on a tree that is deeper
    than Python's stack or a path can be. Raises OSError.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        folders = _remove_files(top)
        while folders:
            name = folders.pop()
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            try:
                for inner in _remove_files(handle):
                    moved = secrets.token_hex()  # a name that code cannot have taken
                    os.rename(inner, moved, src_dir_fd=handle, dst_dir_fd=top)
                    folders.append(moved)
            finally:
                os.close(handle)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _remove_files(folder: int) -> list[str]:
    """Remove what is in an open directory, except directories, which are made accessible."""
    folders = []
    with os.scandir(folder) as entries:
        listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in listed:
        if is_folder:
            os.chmod(name, 0o700, dir_fd=folder)
            folders.append(name)
        else:
            os.unlink(name, dir_fd=folder)
    return folders


def read(file: Path, most: int = LONGEST_ANSWER) -> str:
    """Return the text of an ordinary file. Raises OSError, also for other files and long ones."""
    # a pipe would block, and a link may lead to a file that the sandbox cannot read
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{file} is not an ordinary file")
        content = stream.read(most + 1)
    if len(content) > most:
        raise OSError(f"{file} has more than {most} bytes")
    return content.decode("utf-8", "replace")


def is_full(scratch: Path) -> bool:
    """Return whether the files below `scratch` exceed what a run may leave."""
    size = 0
    for number, used in enumerate(_sizes(scratch)):
        size += used
        if size > MOST_BYTES or number >= MOST_FILES:
            return True
    return False


def _sizes(scratch: Path) -> Iterator[int]:
    """Yield the bytes on the disk of each file and directory, without following links."""
    folders = [str(scratch)]
    while folders:
        try:
            entries = os.scandir(folders.pop())
        except OSError:
            yield 0  # removed meanwhile, unreadable, or too deep
            continue
        with entries:
            for entry in entries:
                try:
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                except OSError:
                    yield 0
