"""Write to SQLite with a log, and do not ask it whether it is still there.

Replaces two functions that set up JupyterHub's connections:

- `register_ping_connection` has every transaction begin with a `SELECT 1`, which finds connections
  that a server has closed. SQLite has no server. Other databases keep it.
- `register_foreign_keys` sets a PRAGMA on each connection; two more make SQLite append to a log
  (WAL) and wait for the disk at checkpoints only. That cannot damage the database. If the node
  loses power, the changes of the last moments may be missing, as if the hub had stopped a moment
  earlier; if only the hub or its container ends, none are.

The log needs memory that processes share, which network file systems do not have: it is used only
on file systems of the node itself.
"""

from __future__ import annotations

import atexit
import logging
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from .originals import Original

REPLACES = (
    Original("jupyterhub.orm", "register_ping_connection", "f6064c664e07"),
    Original("jupyterhub.orm", "register_foreign_keys", "394c5444c38d"),
    Original("jupyterhub.orm", "new_session_factory", "f9cf223cb8c4"),
)

# file systems of one node; others may be shared
LOCAL = {"btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"}

log = logging.getLogger(__name__)


def install() -> None:
    """Replace both functions."""
    from jupyterhub import orm
    from sqlalchemy import event

    ping, foreign_keys = orm.register_ping_connection, orm.register_foreign_keys

    def register_ping_connection(engine: Any) -> None:
        if engine.dialect.name != "sqlite":
            ping(engine)

    def register_foreign_keys(engine: Any) -> None:
        foreign_keys(engine)
        file = engine.url.database
        if file and file != ":memory:" and _is_local(Path(file).absolute().parent):
            event.listen(engine, "connect", _use_log)
            atexit.register(_empty_log, file)

    orm.register_ping_connection = register_ping_connection
    orm.register_foreign_keys = register_foreign_keys


def _use_log(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
        cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _empty_log(file: str) -> None:
    """Move all changes from the log to the file, which people copy without the log."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=1)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_local(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Return whether a folder is on a file system that no other machine mounts."""
    try:
        lines = [line.split() for line in mounts.read_text("utf-8").splitlines()]
        folder = folder.resolve(strict=True)
    except OSError:
        return False
    # the mount point closest to the folder; of several on one point, the last one is seen
    best, kind = "", ""
    for _device, point, file_system, *_ in lines:
        point = point.replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, file_system
    return kind in LOCAL
