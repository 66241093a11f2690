"""The cullers that run inside a hub, in a file beside its database, for `z2jh cull explain`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

FILE = ".z2jh-cullers.json"  # in the hub's directory


class Recorded(Protocol):
    """A culler of this process."""

    command: Sequence[str]
    started: datetime


def write(cullers: Iterable[Recorded]) -> None:
    """Write the command line and start of each culler of this process. Raises OSError."""
    content = {
        "pid": os.getpid(),
        "cullers": [
            {"command": list(culler.command), "started": culler.started.isoformat()}
            for culler in cullers
        ],
    }
    temporary = Path(f"{FILE}.{os.getpid()}")
    temporary.write_text(json.dumps(content))
    temporary.replace(FILE)


def read(folder: Path, pid: int, hub_started: float) -> Iterator[tuple[Sequence[str], float]]:
    """Yield the command line and start (seconds since 1970) of each culler of a hub's process.

    The hub of a restarted container has the id of the one before, whose record it finds.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads((folder / FILE).read_text())
        if content["pid"] == pid:
            for culler in content["cullers"]:
                started = datetime.fromisoformat(culler["started"]).timestamp()
                if started >= hub_started - 1:
                    yield list(map(str, culler["command"])), started
