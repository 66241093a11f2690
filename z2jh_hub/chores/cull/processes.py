"""The cullers that run here: in the hub's pod, or beside the hub of `z2jh dev`.

A culler's token is in the environment of its process, which its own user may read. It gives
the right to see what the culler decides by, and no more than the culler has.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .settings import Culler, is_culler, parse

PROC = Path("/proc")
TOKEN, URL = "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_API_URL"
DEFAULT_FILE = "idle_culler_config.py"

# a process: its command line, environment, start (seconds since 1970) and directory
Process = tuple[Sequence[str], dict[str, str], float, str]


def cullers() -> list[Culler]:
    """The cullers that run here and may be looked at."""
    found = _linux() if (PROC / "self/stat").exists() else _elsewhere()
    return [_culler(process) for process in found]


def _culler(process: Process) -> Culler:
    arguments, environment, started, folder = process
    culler = parse(arguments)
    file = Path(folder, culler.config or DEFAULT_FILE)
    return replace(
        culler,
        url=culler.url or environment.get(URL),
        config=str(file) if file.is_file() else None,
        started=datetime.fromtimestamp(started, UTC),
        token=environment.get(TOKEN),
    )


def _linux() -> Iterator[Process]:
    for folder in PROC.glob("[0-9]*"):
        # of another user, or ended meanwhile
        with suppress(OSError):
            arguments = (folder / "cmdline").read_text(errors="replace").split("\0")[:-1]
            if is_culler(arguments):
                lines = (folder / "environ").read_text(errors="replace").split("\0")
                environment = dict(line.split("=", 1) for line in lines if "=" in line)
                yield arguments, environment, _started(folder), os.readlink(folder / "cwd")


def _started(folder: Path) -> float:
    # proc(5): field 22 is the start in ticks since boot; the second field may have blanks
    ticks = int((folder / "stat").read_text().rpartition(")")[2].split()[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def _elsewhere() -> Iterator[Process]:
    """Where there is no /proc: `z2jh dev` brings psutil along."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            arguments = process.cmdline()
            if is_culler(arguments):
                yield arguments, process.environ(), process.create_time(), process.cwd()
