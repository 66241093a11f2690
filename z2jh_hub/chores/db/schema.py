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

from ...masking.names import is_secret_name
from .. import ChoreError

log = logging.getLogger(__name__)

VERSION_TABLE = "alembic_version"

# none: no database yet; old: needs an upgrade; unknown: from a newer JupyterHub
State = Literal["none", "old", "current", "unknown"]


@dataclass(frozen=True)
class Schema:
    """The schema `version` of a database (None without one), and the one that is `needed`."""

    version: str | None
    needed: str
    state: State


def read(url: URL) -> Schema:
    """Return the schema of the database at `url`. Raises ChoreError if it does not respond."""
    needed, known = _versions(url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return Schema(None, needed, "none")  # connecting would create the file
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            version = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise ChoreError(
            f"the database at {without_password(url)} does not answer: {reason(error)}"
        ) from None
    finally:
        engine.dispose()
    return Schema(version, needed, _state(version, needed, known, bool(tables & _own_tables())))


def older(url: URL) -> set[str | None]:
    """Return the schema versions of older JupyterHubs, including None for no version."""
    needed, known = _versions(url)
    return {None, *known} - {needed}


def _versions(url: URL) -> tuple[str, set[str]]:
    """Return the version that this JupyterHub needs, and all versions that it knows."""
    with _scripts(url) as config:
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        return str(scripts.get_current_head()), known


def _state(version: str | None, needed: str, known: set[str], has_tables: bool) -> State:
    if not has_tables:
        return "none"
    if version == needed:
        return "current"
    # databases from before JupyterHub 0.8 contain no version
    return "old" if version is None or version in known else "unknown"


def upgrade(url: URL) -> None:
    """Upgrade the schema to the version that JupyterHub needs."""
    engine = create_engine(url)
    try:
        # writes a version into a database that contains none
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


def without_password(url: URL) -> str:
    """Return the URL without its password, and without secrets among its options."""
    hidden = {name: "***" for name in url.query if is_secret_name(name)}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def _own_tables() -> set[str]:
    return set(orm.Base.metadata.tables)


def reason(error: SQLAlchemyError) -> str:
    """Return the driver's message; SQLAlchemy's contains the statement and its parameters."""
    return str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]


@contextmanager
def _scripts(url: URL) -> Iterator[Any]:
    text = url.render_as_string(hide_password=False)
    # a temporary directory that only this user can read
    with dbutil._temp_alembic_ini(text) as ini:
        yield AlembicConfig(ini)
