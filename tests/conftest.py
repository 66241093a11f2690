"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let an interrupt end what tests start, as it does from a terminal.

    A shell's background jobs ignore it, and so does all that they start: JupyterHub waits 30
    seconds for a culler that does.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
