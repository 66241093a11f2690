"""What `dev` shows while it runs, and the logs of its processes as they grow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from . import logs
from .layout import Layout


class Output(Protocol):
    """Shows the progress of `dev`, on a terminal for example."""

    def step(self, text: str) -> None:
        """Show what `dev` is waiting for."""

    def say(self, text: str) -> None:
        """Show a sentence."""

    def line(self, name: str, text: str) -> None:
        """Show a line of the log of the process `name`."""


class Logs:
    """The log files of the processes that `dev` starts."""

    def __init__(self, layout: Layout, output: Output) -> None:
        self._layout = layout
        self._output = output
        self._followers: dict[str, logs.Follower] = {}

    def begin(self, names: Iterable[str]) -> None:
        """Begin a new log for each process, and follow it from now on."""
        for name in names:
            logs.rotate(self.file(name))
            self._followers[name] = logs.Follower(self.file(name))

    def show(self) -> None:
        """Show the lines that were written since the last call, without routine ones."""
        for name, follower in self._followers.items():
            for line in follower.lines():
                if not logs.is_routine(name, line):
                    self._output.line(name, line)

    def file(self, name: str) -> Path:
        return self._layout.logs / f"{name}.log"
