"""Back up, verify, upgrade and restore the database."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.engine import URL

from .. import ChoreError
from . import backups, schema
from .database import copier

log = logging.getLogger(__name__)


def backup(url: URL, folder: Path, keep: int) -> Path:
    """Back up the database."""
    database = schema.read(url)
    if database.state == "none":
        raise ChoreError(f"there is nothing to back up at {schema.without_password(url)} yet")
    return backups.make(copier(url), folder, database.version, keep)


def verify(url: URL, folder: Path) -> list[str]:
    """Return lines that describe the state of the database and its backups.

    Raises ChoreError if this hub would not start with the database, or if a backup is damaged.
    """
    database = schema.read(url)
    _refuse_newer(database)
    if database.state == "old":
        raise ChoreError(
            f"the schema is {database.version}, but JupyterHub needs {database.needed}: run "
            "`z2jh db upgrade`"
        )
    copies = copier(url)
    existing = backups.listed(folder)
    for file in existing:
        copies.verify(file)
    states = {"none": "there is no database yet", "current": f"the schema is {database.version}"}
    return [states[database.state], *(f"{file} is intact" for file in existing)]


def upgrade(url: URL, folder: Path, keep: int) -> Path | None:
    """Upgrade the schema if JupyterHub needs a newer one. Return the backup, or None.

    Raises ChoreError, and changes nothing, if the database belongs to a newer JupyterHub.
    """
    database = schema.read(url)
    _refuse_newer(database)
    if database.state != "old":
        return None
    file = backups.make(copier(url), folder, database.version, keep)
    log.info("backed up to %s", file)
    try:
        schema.upgrade(url)
    except Exception as error:
        # of any type; only the type is shown, since the message may contain rows
        raise ChoreError(
            f"the upgrade failed ({type(error).__name__}); "
            f"`z2jh db restore {file.name}` restores the previous state"
        ) from error
    log.info("upgraded the schema from %s to %s", database.version, database.needed)
    return file


def restore(url: URL, folder: Path, name: str, keep: int) -> tuple[Path, Path | None]:
    """Restore the backup `name`. Return it, and the backup of the previous state, if any."""
    copies = copier(url)
    file = backups.select(folder, name, schema.older(url))
    if file.suffix != f".{copies.suffix}":
        raise ChoreError(f"{file.name} is not a backup of this type of database ({copies.suffix})")
    copies.verify(file)
    database = schema.read(url)
    # one more than `keep`, so that the oldest is not removed before it is restored
    before = (
        None
        if database.state == "none"
        else backups.make(copies, folder, database.version, keep + 1)
    )
    copies.restore(file)
    return file, before


def _refuse_newer(database: schema.Schema) -> None:
    if database.state == "unknown":
        raise ChoreError(
            f"the schema is {database.version}, from a newer JupyterHub; this one supports up to "
            f"{database.needed}. Use the newer JupyterHub, or restore a backup of this one with "
            "`z2jh db restore`"
        )
