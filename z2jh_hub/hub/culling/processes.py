"""The cullers that run on this machine: in the hub's pod, or of the hub of `z2jh dev`.

They run inside the hub, which records them, or as processes of their own. Of processes, only their
command line, start time and directory are read, never their environment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from . import record
from .settings import Culler, is_culler, parse

PROC = Path("/proc")
DEFAULT_FILE = "idle_culler_config.py"

# a process: its command line, start (seconds since 1970) and directory
Process = tuple[Sequence[str], float, str]


def cullers() -> list[Culler]:
    """Return the cullers whose processes this user can inspect."""
    running = _linux() if (PROC / "self/stat").exists() else _elsewhere()
    return [_culler(process) for process in running]


def _culler(process: Process) -> Culler:
    arguments, started, folder = process
    culler = parse(arguments)
    file = Path(folder, culler.config or DEFAULT_FILE)
    return replace(
        culler,
        config=str(file) if file.is_file() else None,
        started=datetime.fromtimestamp(started, UTC),
    )


def started(pid: int) -> datetime | None:
    """Return the start of a process, or None if it cannot be inspected."""
    try:
        return datetime.fromtimestamp(_started(PROC / str(pid)), UTC)
    except (OSError, ValueError, IndexError):
        return None


def _linux() -> Iterator[Process]:
    for folder in PROC.glob("[0-9]*"):
        # another user's process, or one that has just exited
        with suppress(OSError):
            arguments = (folder / "cmdline").read_text(errors="replace").split("\0")[:-1]
            if is_culler(arguments):
                yield arguments, _started(folder), os.readlink(folder / "cwd")
            else:
                place = Path(os.readlink(folder / "cwd"))
                if (place / record.FILE).exists():
                    yield from _recorded(place, int(folder.name), _started(folder))


def _recorded(folder: Path, pid: int, started: float) -> Iterator[Process]:
    """Yield the cullers inside a process, if it is a hub."""
    for command, culler_started in record.read(folder, pid, started):
        yield command, culler_started, str(folder)


def _started(folder: Path) -> float:
    # proc(5): field 22 is the start in ticks since boot; the second field may contain spaces
    ticks = int((folder / "stat").read_text().rpartition(")")[2].split()[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def _elsewhere() -> Iterator[Process]:
    """Find cullers without /proc. psutil is installed with the extra `dev`."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            arguments = process.cmdline()
            if is_culler(arguments):
                yield arguments, process.create_time(), process.cwd()
            else:
                yield from _recorded(Path(process.cwd()), process.pid, process.create_time())
