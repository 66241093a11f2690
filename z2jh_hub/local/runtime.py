"""What the API asks of whatever runs the pods: their output, and commands inside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class ExecSession(Protocol):
    """One command that runs in a container.

    With a terminal everything it says comes from `stdout`, and `stderr` ends at once.
    """

    @property
    def stdout(self) -> AsyncIterator[bytes]: ...

    @property
    def stderr(self) -> AsyncIterator[bytes]: ...

    async def write(self, data: bytes) -> None:
        """Give the command input; what it no longer reads is dropped."""

    async def close_stdin(self) -> None:
        """Tell the command that there is no more input."""

    async def resize(self, width: int, height: int) -> None:
        """The caller's terminal has this many columns and rows; nothing without a terminal."""

    async def wait(self) -> int:
        """The command's exit code, once it has ended."""

    async def kill(self) -> None:
        """The caller has gone: end the command if it still runs."""


class PodRuntime(Protocol):
    """Pods as running things. `pod` and `container` are names that the API has checked.

    What cannot be done is a StatusError (400: waiting to start, 404: no longer there).
    """

    async def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        tail_lines: int | None = None,
        since_seconds: float | None = None,
        timestamps: bool = False,
        previous: bool = False,
    ) -> AsyncIterator[bytes]:
        """What the container has written, in pieces of any size; with `follow`, until it ends.

        `async def` that returns an async iterator, so that a refusal comes before the first byte.
        """
        ...

    async def exec(
        self, namespace: str, pod: str, container: str, command: list[str], *, tty: bool = False
    ) -> ExecSession:
        """Start a command in a container."""
        ...

    async def attach(self, namespace: str, pod: str, container: str) -> ExecSession:
        """A session on the container's own process."""
        ...
