"""Versions of JupyterHub's schema, from its alembic scripts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import alembic.command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from jupyterhub import dbutil, orm
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from .. import ChoreError

log = logging.getLogger(__name__)

VERSION_TABLE = "alembic_version"

# none: nothing there yet; old: to be upgraded; unknown: a newer JupyterHub's
State = Literal["none", "old", "current", "unknown"]


@dataclass(frozen=True)
class Schema:
    """The schema version of the database (None if unknown), and the one that JupyterHub needs."""

    found: str | None
    wanted: str
    state: State


def look(url: URL) -> Schema:
    """Return the schema of the database at `url`. Raises ChoreError if it does not respond."""
    wanted, known = _versions(url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return Schema(None, wanted, "none")  # connecting would make it
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise ChoreError(f"the database at {shown(url)} does not answer: {reason(error)}") from None
    finally:
        engine.dispose()
    return Schema(found, wanted, _state(found, wanted, known, bool(tables & _ours())))


def older(url: URL) -> set[str | None]:
    """Return the versions of older JupyterHubs; None if the database has none."""
    wanted, known = _versions(url)
    return {None, *known} - {wanted}


def _versions(url: URL) -> tuple[str, set[str]]:
    """Return the version that this JupyterHub needs, and all that it knows."""
    with _scripts(url) as config:
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        return str(scripts.get_current_head()), known


def _state(found: str | None, wanted: str, known: set[str], has_tables: bool) -> State:
    if not has_tables:
        return "none"
    if found == wanted:
        return "current"
    # a database older than JupyterHub 0.8 tells no version
    return "old" if found is None or found in known else "unknown"


def upgrade(url: URL) -> None:
    """Upgrade the schema to the version that JupyterHub needs."""
    engine = create_engine(url)
    try:
        # marks a database that tells no version with the one it must have
        orm.check_db_revision(engine)
    except orm.DatabaseSchemaMismatch:
        pass
    finally:
        engine.dispose()
    with _scripts(url) as config:
        alembic.command.upgrade(config, "head")


def stamp(url: URL) -> None:
    """Record in a new database that its schema is the one that JupyterHub needs."""
    with _scripts(url) as config:
        alembic.command.stamp(config, "head")


def shown(url: URL) -> str:
    """Return the URL without its password."""
    return url.render_as_string(hide_password=True)


def _ours() -> set[str]:
    return set(orm.Base.metadata.tables)


def reason(error: SQLAlchemyError) -> str:
    """Return the driver's message; SQLAlchemy's contains the statement and its parameters."""
    return str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]


@contextmanager
def _scripts(url: URL) -> Iterator[Any]:
    text = url.render_as_string(hide_password=False)
    # a folder of its own, for this user alone, that is removed at once
    with dbutil._temp_alembic_ini(text) as ini:
        yield AlembicConfig(ini)
