"""Copy SQLite with its online backup (https://www.sqlite.org/backup.html)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .. import ChoreError

BUSY_SECONDS = 30  # maximum time to wait for another connection's lock


class SQLite:
    """A database file. Both directions use SQLite's locks, so the hub can keep running."""

    suffix = "sqlite"

    def __init__(self, file: Path):
        self.file = file

    def backup(self, file: Path) -> None:
        """Write a consistent copy."""
        _copy(self.file, file)

    def restore(self, file: Path) -> None:
        """Restore in one transaction, so that open connections never see a partial state."""
        _copy(file, self.file)

    def verify(self, file: Path) -> None:
        """Check the file with SQLite's own check, and for JupyterHub's tables."""
        with _opened(file) as database:
            problems = [row[0] for row in database.execute("PRAGMA integrity_check(5)")]
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        if problems != ["ok"]:
            raise ChoreError(f"{file} is damaged: {'; '.join(problems)}")
        if "users" not in tables:
            raise ChoreError(f"{file} is not a hub's database: it has no table of users")


def create_private(file: Path) -> None:
    """Create a database file that only its owner can read, unless it exists.

    SQLite gives its journal the same mode. Raises ChoreError if the file cannot be created.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise ChoreError(f"{file} cannot be written: {error.strerror}") from None


def _copy(source: Path, target: Path) -> None:
    with _opened(source) as original:
        create_private(target)
        try:
            with closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as copy:
                original.backup(copy)
        except sqlite3.Error as error:
            raise ChoreError(f"{source} cannot be copied to {target}: {error}") from None


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the existing database in `file`."""
    if not file.is_file():
        raise ChoreError(f"{file} does not exist")
    try:
        # not with `mode=ro`: SQLite must be able to replay the journal of a hub that crashed
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as database:
            yield database
    except sqlite3.Error as error:
        raise ChoreError(f"{file} cannot be read: {error}") from None
