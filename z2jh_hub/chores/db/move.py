"""Copy the hub's database to another server or file, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyterhub import orm
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    create_engine,
    event,
    exists,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from .. import ChoreError
from . import schema
from .database import copier
from .sqlite import create_private

ROWS = 1000  # read and written at once


@dataclass(frozen=True)
class Copied:
    """The rows of one table. `dropped` referred to a row that no longer exists."""

    table: str
    rows: int
    dropped: int = 0


def move(source: URL, target: URL) -> list[Copied]:
    """Copy all tables of `source` to the empty database `target`, and count the rows of both.

    The copy is one moment of the source, which does not change. After a failure, the target is
    empty again. Raises ChoreError if the source's schema is not current, the target has tables, a
    row cannot be copied, or z2jh does not support one of the kinds of databases.
    """
    copier(source)
    _require_usable(target)
    _require_current(source)
    _require_empty(target)
    if target.get_backend_name() == "sqlite":
        create_private(Path(target.database or ""))
    with _engine(source) as reader, _engine(target) as writer:
        tables = _tables(reader)
        try:
            with _snapshot(reader) as rows:
                copied = _copy(tables, rows, writer)
            schema.stamp(target)
        except BaseException:
            tables.drop_all(writer)
            raise
    return copied


def _require_usable(target: URL) -> None:
    if target.get_backend_name() == "sqlite" and target.database in (None, "", ":memory:"):
        raise ChoreError(
            "the URL of the new database names no file, so the copy would be lost: write "
            "sqlite:///FILE, such as sqlite:////srv/jupyterhub/new.sqlite"
        )
    copier(target)


def _require_current(source: URL) -> None:
    database = schema.read(source)
    if database.state == "none":
        raise ChoreError(f"there is no hub's database at {schema.without_password(source)}")
    if database.state != "current":
        raise ChoreError(
            f"the schema at {schema.without_password(source)} is {database.version}, and this "
            f"JupyterHub needs {database.needed}: run `z2jh db upgrade` first"
        )


def _require_empty(target: URL) -> None:
    """Refuse a database with tables: a failed move would remove those with names of the hub's."""
    schema.read(target)  # reports a database that does not answer
    if target.get_backend_name() == "sqlite" and not Path(target.database or "").exists():
        return
    with _engine(target) as engine:
        tables = set(inspect(engine).get_table_names()) - {schema.VERSION_TABLE}
    if tables:
        raise ChoreError(
            f"{schema.without_password(target)} already contains tables, such as {min(tables)}. "
            "Give an empty database, or rename the file if it is SQLite"
        )


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    except SQLAlchemyError as error:
        # SQLAlchemy's own text contains rows
        raise ChoreError(
            f"the database at {schema.without_password(url)} refused: {schema.reason(error)}"
        ) from None
    finally:
        engine.dispose()


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Connect for reading in one transaction, in which later writes are not visible."""
    if engine.dialect.name == "sqlite":
        # sqlite3 starts no transaction for a SELECT
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        options: dict[str, Any] = {}
    else:
        options = {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _tables(engine: Engine) -> MetaData:
    """Return JupyterHub's tables, and those that extensions such as NativeAuthenticator added."""
    tables = MetaData()
    for table in orm.Base.metadata.sorted_tables:
        table.to_metadata(tables)
    others = set(inspect(engine).get_table_names()) - {*tables.tables, schema.VERSION_TABLE}
    reflected = MetaData()
    reflected.reflect(engine, only=sorted(others))
    for name in others:
        table = reflected.tables[name]
        for column in table.columns:
            column.type = column.type.as_generic()
            column.server_default = None  # in the words of the source's kind of database
        table.to_metadata(tables)
    return tables


def _copy(tables: MetaData, reader: Connection, writer: Engine) -> list[Copied]:
    tables.create_all(writer)
    with writer.begin() as connection:
        copied = [_copy_table(table, reader, connection) for table in tables.sorted_tables]
    with writer.connect() as connection:
        for table, done in zip(tables.sorted_tables, copied, strict=True):
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if count != done.rows:
                raise ChoreError(f"{table.name}: {done.rows} rows were copied, {count} arrived")
    return copied


def _copy_table(table: Table, reader: Connection, writer: Connection) -> Copied:
    total = reader.execute(select(func.count()).select_from(table)).scalar_one()
    rows = reader.execute(select(table).where(*_parents_exist(table)))
    copied = 0
    for part in rows.mappings().partitions(ROWS):
        writer.execute(table.insert(), [dict(row) for row in part])
        copied += len(part)
    if writer.dialect.name == "postgresql":
        _continue_sequences(table, writer)
    return Copied(table.name, copied, total - copied)


def _parents_exist(table: Table) -> Iterator[ColumnElement[bool]]:
    """SQLite accepts references to rows that do not exist; other databases refuse them."""
    for key in table.foreign_keys:
        child: Column[Any] = key.parent
        parent = key.column.table.alias()
        yield child.is_(None) | exists().where(parent.c[key.column.name] == child)


def _continue_sequences(table: Table, writer: Connection) -> None:
    """Let PostgreSQL's next id follow the copied ones."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
    writer.execute(select(func.setval(sequence, func.max(column))).where(sequence.is_not(None)))
