"""Log files of the processes, followed as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MOST_AT_ONCE = 1 << 18  # bytes; the rest is read by the next call

# lines that are not shown in the terminal: the hub checks its routes every few seconds
ROUTINE = {"proxy": "200 GET /api/routes"}


def is_routine(name: str, line: str) -> bool:
    """Return whether this line appears only in the log file."""
    return name in ROUTINE and ROUTINE[name] in line


class Follower:
    """Reads the lines that are appended to a file from now on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def lines(self) -> Iterator[str]:
        """Return the new complete lines."""
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
