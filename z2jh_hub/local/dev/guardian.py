"""Waits beside a `dev`, and ends what it started when it is killed: `… guardian STATE`.

Its input is a pipe of which only `dev` holds the other end, so the end of input means that
`dev` is no more. Users' servers are left as they are: the next `dev` finds them.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from ..state import StateError
from .children import end_all, left
from .layout import Layout


def main(state: Path) -> None:
    """Wait for the end of input, then end what is recorded in the state directory."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    layout = Layout(state)
    try:
        layout.take()
    except StateError:
        return  # another `dev` came first, and does the same
    end_all(layout, left(layout), keep_pods=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
