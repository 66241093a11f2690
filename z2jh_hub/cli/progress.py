"""Show a line on the terminal while a command takes longer than a second."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

INTERVAL = 1.0  # seconds before the line appears, and between its updates
CLEAR = "\r\x1b[K"


@contextlib.contextmanager
def progress(text: str) -> Iterator[None]:
    """Show `text` and the seconds since the start of the block on standard error.

    Nothing is shown during the first second, nor if standard error is not a terminal.
    """
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    line = threading.Thread(target=_show, args=(text, done), daemon=True)
    line.start()
    try:
        yield
    finally:
        done.set()
        line.join()


def _show(text: str, done: threading.Event) -> None:
    began, shown = time.monotonic(), False
    # the terminal may have been closed
    with contextlib.suppress(OSError):
        while not done.wait(INTERVAL):
            shown = True
            _write(f"{CLEAR}{text} ({time.monotonic() - began:.0f} s)")
        if shown:
            _write(CLEAR)


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
