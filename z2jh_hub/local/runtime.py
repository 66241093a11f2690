"""The interface between the API and the kubelet: logs of containers, and commands in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class ExecSession(Protocol):
    """One command that runs in a container.

    With a terminal all output comes from `stdout`, and `stderr` ends at once.
    """

    @property
    def stdout(self) -> AsyncIterator[bytes]: ...

    @property
    def stderr(self) -> AsyncIterator[bytes]: ...

    async def write(self, data: bytes) -> None:
        """Write to the input of the command. Input is dropped once the command has closed it."""

    async def close_stdin(self) -> None:
        """Close the input of the command."""

    async def resize(self, width: int, height: int) -> None:
        """Set the size of the terminal, if there is one, in columns and rows."""

    async def wait(self) -> int:
        """Wait for the command to end; return its exit code."""

    async def kill(self) -> None:
        """Kill the command if it still runs, because the client has disconnected."""


class PodRuntime(Protocol):
    """The running pods. `pod` and `container` are names that the API has checked.

    Raises StatusError: 400 if a container is waiting to start, 404 if the pod has ended.
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
        """Return the log of the container; with `follow`, until the container ends.

        This is not a generator function, so that errors are raised before the first byte.
        """
        ...

    async def exec(
        self, namespace: str, pod: str, container: str, command: list[str], *, tty: bool = False
    ) -> ExecSession:
        """Run a command in a container."""
        ...
