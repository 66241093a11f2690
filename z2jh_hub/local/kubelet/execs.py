"""Commands that `kubectl exec` runs in a container."""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

BLOCK = 1 << 16
WINDOW_SIZE = "HHHH"  # struct winsize: rows, columns, and two that are not used


class Exec:
    """An ExecSession (see runtime.py) over pipes or a pseudo-terminal."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        out: asyncio.StreamReader | None,
        terminal: int | None = None,
    ) -> None:
        self._process = process
        self._out = out
        self._terminal = terminal

    @property
    def stdout(self) -> AsyncIterator[bytes]:
        return _pieces(self._out)

    @property
    def stderr(self) -> AsyncIterator[bytes]:
        return _pieces(self._process.stderr)

    async def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            if self._terminal is not None:
                os.write(self._terminal, data)
            elif self._process.stdin is not None:
                self._process.stdin.write(data)
                await self._process.stdin.drain()

    async def close_stdin(self) -> None:
        if self._terminal is not None:
            await self.write(b"\x04")  # Ctrl-D
        elif self._process.stdin is not None:
            self._process.stdin.close()

    async def resize(self, width: int, height: int) -> None:
        if self._terminal is not None:
            size = struct.pack(WINDOW_SIZE, height, width, 0, 0)
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    async def wait(self) -> int:
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


async def run(argv: Sequence[str], env: Mapping[str, str], cwd: Path, *, tty: bool = False) -> Exec:
    """Start the command. Raise OSError if that fails."""
    if tty:
        return await _on_terminal(argv, env, cwd)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, env=env, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    )
    return Exec(process, process.stdout)


async def _on_terminal(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> Exec:
    ours, theirs = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env={"TERM": "xterm", **env},
            cwd=cwd,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    file = os.fdopen(os.dup(ours), "rb", buffering=0)
    await loop.connect_read_pipe(lambda: _Terminal(reader), file)
    return Exec(process, reader, ours)


class _Terminal(asyncio.StreamReaderProtocol):
    """Reading from a terminal without writers fails: treat that as the end of the output."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self._ours = reader

    def connection_lost(self, exc: Exception | None) -> None:
        self._ours.feed_eof()
        super().connection_lost(None)


async def _pieces(stream: asyncio.StreamReader | None) -> AsyncIterator[bytes]:
    while stream is not None and (piece := await stream.read(BLOCK)):
        yield piece
