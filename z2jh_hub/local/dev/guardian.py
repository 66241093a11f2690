"""Stop what a `dev` started when `dev` is killed: `… guardian STATE PID`.

Its input is a pipe from `dev`, so the end of input means that `dev` has ended. User servers keep
running; the next `dev` adopts them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..state import StateError
from .children import end_all, left
from .layout import Layout

LIMIT = 30.0  # seconds


@contextmanager
def guarded(layout: Layout) -> Iterator[None]:
    """Run a guardian for this process while the `with` block runs."""
    command = [sys.executable, "-m", __spec__.name, str(layout.root), str(os.getpid())]
    with (layout.logs / "guardian.log").open("ab") as output:
        guardian = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield
    finally:
        guardian.kill()
        guardian.communicate()


def main(state: Path, dev: int) -> None:
    """Wait for the end of input, then end what `dev` (a process id) has recorded."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    layout = Layout(state)
    if _taken(layout, dev):
        end_all(layout, left(layout), keep_pods=True)


def _taken(layout: Layout, dev: int) -> bool:
    """Take the directory. Return False if another `dev` has taken it, which then does the same."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        try:
            layout.take()
        except StateError:
            if layout.owner().get("pid") != dev:
                return False
            time.sleep(0.05)  # a dying process closes its pipes before it releases its locks
        else:
            return True
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
