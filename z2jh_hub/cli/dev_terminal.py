"""What `z2jh dev` writes on the terminal: steps, sentences, and the processes' logs."""

from __future__ import annotations

import contextlib
import time

from rich.console import Console
from rich.status import Status
from rich.text import Text

COLOURS = {"api": "cyan", "proxy": "magenta", "hub": "green"}


class Terminal:
    """A Teller: on a terminal a spinner and colours, elsewhere plain lines.

    A terminal that has gone (its window was closed) must not keep `dev` from stopping.
    """

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._began = time.monotonic()

    def step(self, text: str) -> None:
        """What is being waited for."""
        if not self.console.is_terminal:
            self._print(Text(f"{text} …"))
            return
        self.quiet()
        with contextlib.suppress(OSError):
            self._status = self.console.status(f"{text} …")
            self._status.start()

    def quiet(self) -> None:
        """Nothing is being waited for any more."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                self._status.stop()
            self._status = None

    def say(self, text: str) -> None:
        """A sentence."""
        self._print(Text(text, style="bold"))

    def line(self, name: str, text: str) -> None:
        """A line of a process' log."""
        prefix = Text(f"{name:<5} │ ", style=COLOURS.get(name, ""))
        self._print(prefix + Text.from_ansi(text))

    def ready(self, url: str, how: str) -> None:
        """The line on which starting ends."""
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
