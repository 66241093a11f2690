"""The output of `z2jh dev`: progress, messages, and the logs of its processes."""

from __future__ import annotations

import contextlib
import time

from rich.console import Console
from rich.status import Status
from rich.text import Text

COLOURS = {"api": "cyan", "proxy": "magenta", "hub": "green"}


class Terminal:
    """Implement Output: a spinner and colours on a terminal, plain lines elsewhere.

    Errors are ignored, so that `dev` can stop after its terminal was closed.
    """

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._began = time.monotonic()

    def step(self, text: str) -> None:
        """Show what `dev` is waiting for."""
        if not self.console.is_terminal:
            self._print(Text(f"{text} …"))
            return
        self.quiet()
        with contextlib.suppress(OSError):
            self._status = self.console.status(f"{text} …")
            self._status.start()

    def quiet(self) -> None:
        """Stop the spinner."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                self._status.stop()
            self._status = None

    def say(self, text: str) -> None:
        """Show a message."""
        self._print(Text(text, style="bold"))

    def line(self, name: str, text: str) -> None:
        """Show a line of a process's log."""
        prefix = Text(f"{name:<5} │ ", style=COLOURS.get(name, ""))
        self._print(prefix + Text.from_ansi(text))

    def ready(self, url: str, how: str) -> None:
        """Show that the hub is ready."""
        self.quiet()
        seconds = time.monotonic() - self._began
        self._print(
            Text.assemble(
                ("Ready", "bold green"), f" after {seconds:.1f} s: ", (url, "bold underline"),
                f" · {how} · Ctrl-C stops it",
            )
        )  # fmt: skip

    def _print(self, text: Text) -> None:
        with contextlib.suppress(OSError):
            self.console.print(text)
