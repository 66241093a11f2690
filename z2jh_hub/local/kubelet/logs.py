"""Container logs: files, so that they outlive the kubelet, read whole, by the tail or followed."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 16
PAUSE = 0.2  # seconds between looks at a file that is followed


async def read(
    path: Path,
    *,
    running: Callable[[], bool] = lambda: False,
    follow: bool = False,
    tail_lines: int | None = None,
    since: datetime | None = None,
    timestamps: bool = False,
) -> AsyncIterator[bytes]:
    """The log's bytes; with `follow`, as long as `running()`.

    Lines carry no time of their own: `timestamps` gives those that were there already the time of
    the file's last change, and `since` drops them when the file has not changed since.
    """
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        changed = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        if since and changed < since:
            file.seek(0, os.SEEK_END)
        elif tail_lines is not None:
            file.seek(tail_position(file, tail_lines))
        async for block in _blocks(file, running, follow):
            yield _stamped(block, changed) if timestamps else block
            changed = datetime.now(UTC)


async def _blocks(
    file: BinaryIO, running: Callable[[], bool], follow: bool
) -> AsyncIterator[bytes]:
    while True:
        # asked before the read: what is written between the two is read in the next round
        more = follow and running()
        while block := file.read(BLOCK):
            yield block
        if not more:
            return
        await asyncio.sleep(PAUSE)


def tail_position(file: BinaryIO, lines: int) -> int:
    """Where the last `lines` lines of a file begin, found from its end."""
    end = position = file.seek(0, os.SEEK_END)
    tail = b""
    while position > 0 and tail.count(b"\n") <= lines:
        position = max(0, position - BLOCK)
        file.seek(position)
        tail = file.read(BLOCK if not tail else min(BLOCK, end - len(tail) - position)) + tail
    last = tail.splitlines(keepends=True)[-lines:] if lines > 0 else []
    return end - sum(map(len, last))


def last_words(path: Path) -> str:
    """The end of a log as Kubernetes puts it into a status: 80 lines, of at most 2048 bytes."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(tail_position(file, 80))
        return file.read()[-2048:].decode(errors="replace")
    return ""


def _stamped(block: bytes, time: datetime) -> bytes:
    stamp = time.isoformat().replace("+00:00", "Z").encode() + b" "
    return b"".join(stamp + line for line in block.splitlines(keepends=True))
