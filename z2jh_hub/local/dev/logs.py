"""Log files of the processes, followed as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MOST_AT_ONCE = 1 << 18  # bytes: a process that says more is caught up with later

# what a process says again and again while all is well, and nobody wants to read in a terminal:
# the hub asks each few seconds whether the proxy has its routes
ROUTINE = {"proxy": "200 GET /api/routes"}


def is_routine(name: str, line: str) -> bool:
    """Whether this line of a process's log is only told in its file."""
    return name in ROUTINE and ROUTINE[name] in line


class Follower:
    """What is appended to a file from now on, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def lines(self) -> Iterator[str]:
        """The lines that are whole by now."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._at)
                data = file.read(MOST_AT_ONCE)
        except FileNotFoundError:
            return
        self._at += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")


def rotate(path: Path) -> None:
    """Begin a new log; rename the existing one to NAME.previous.log."""
    if path.exists():
        path.replace(path.with_suffix(".previous.log"))
