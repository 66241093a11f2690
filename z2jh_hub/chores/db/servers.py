"""Copy PostgreSQL, MySQL and MariaDB with their own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from jupyterhub import orm
from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.engine import URL

from .. import ChoreError
from .schema import VERSION_TABLE


def _program(*names: str) -> str:
    """Return the first of `names` that is installed."""
    program = next((path for name in names if (path := shutil.which(name))), None)
    if program is None:
        raise ChoreError(
            f"{names[0]} is not installed, but is needed to copy this database. Back up the "
            "database on its own server, or add its client to the hub's image (docs/images.md)"
        )
    return program


def _run(command: list[str], password: Mapping[str, str], stdin: Path | None = None) -> None:
    """Run a program of the database. Raises ChoreError with the program's message."""
    with (stdin or Path(os.devnull)).open("rb") as source:
        done = subprocess.run(
            command, env={**os.environ, **password}, stdin=source, capture_output=True, check=False
        )
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip()
        raise ChoreError(f"{Path(command[0]).name} failed: {message or done.returncode}")


def _drop_tables(url: URL) -> None:
    """Drop the hub's tables, including those of a later schema that the backup lacks."""
    engine = create_engine(url)
    try:
        own = {*orm.Base.metadata.tables, VERSION_TABLE}
        existing = [name for name in inspect(engine).get_table_names() if name in own]
        metadata = MetaData()
        metadata.reflect(engine, only=existing)
        metadata.drop_all(engine)
    finally:
        engine.dispose()


class PostgreSQL:
    """Copy PostgreSQL with pg_dump: a consistent snapshot in its compressed format."""

    suffix = "pgdump"

    def __init__(self, url: URL):
        self.url = url
        self._password = {"PGPASSWORD": str(url.password)} if url.password else {}

    def _connection_options(self) -> list[str]:
        where = {"host": self.url.host, "port": self.url.port, "username": self.url.username}
        options = [f"--{name}={value}" for name, value in where.items() if value]
        return [*options, f"--dbname={self.url.database or ''}", "--no-password"]

    def backup(self, file: Path) -> None:
        """Dump the tables without owners and grants, which belong to the server."""
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
        _run([_program("pg_dump"), *self._connection_options(), *options], self._password)

    def verify(self, file: Path) -> None:
        """Read the whole file with pg_restore."""
        _run([_program("pg_restore"), f"--file={os.devnull}", str(file)], {})

    def restore(self, file: Path) -> None:
        """Drop the tables in one transaction, and restore them in another."""
        program = _program("pg_restore")
        _drop_tables(self.url)
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _run([program, *self._connection_options(), *options, str(file)], self._password)


class MySQL:
    """Copy MySQL or MariaDB with its dump program: a consistent snapshot (InnoDB) as SQL."""

    suffix = "sql"

    def __init__(self, url: URL):
        self.url = url
        self._password = {"MYSQL_PWD": str(url.password)} if url.password else {}

    def _connection_options(self) -> list[str]:
        where = {"host": self.url.host, "port": self.url.port, "user": self.url.username}
        return [f"--{name}={value}" for name, value in where.items() if value]

    def backup(self, file: Path) -> None:
        """Dump in one transaction, so that the hub can write at the same time."""
        program = _program("mariadb-dump", "mysqldump")
        options = ["--single-transaction", "--no-tablespaces", f"--result-file={file}"]
        _run(
            [program, *self._connection_options(), *options, str(self.url.database)], self._password
        )

    def verify(self, file: Path) -> None:
        """Check for the line that the program writes at the end of a complete dump."""
        with file.open("rb") as dump:
            dump.seek(max(0, file.stat().st_size - 200))
            if b"-- Dump completed" not in dump.read():
                raise ChoreError(f"{file} is not a complete dump: its end is missing")

    def restore(self, file: Path) -> None:
        """Drop the tables, and restore them; MySQL cannot do this in a transaction."""
        program = _program("mariadb", "mysql")
        _drop_tables(self.url)
        _run(
            [program, *self._connection_options(), str(self.url.database)],
            self._password,
            stdin=file,
        )
