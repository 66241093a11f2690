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
    found = schema.look(url)
    if found.state == "none":
        raise ChoreError(f"there is nothing to back up at {schema.shown(url)} yet")
    return backups.make(copier(url), folder, found.found, keep)


def verify(url: URL, folder: Path) -> list[str]:
    """Describe the state of the database and its backups, in lines.

    Raises ChoreError where the database is not one that this hub starts with, or a backup
    is damaged.
    """
    found = schema.look(url)
    _refuse_newer(found)
    if found.state == "old":
        raise ChoreError(f"the schema is {found.found}, JupyterHub wants {found.wanted}: "
                         "z2jh db upgrade")  # fmt: skip
    copies = copier(url)
    there = backups.listed(folder)
    for file in there:
        copies.verify(file)
    said = {"none": "there is no database yet", "current": f"the schema is {found.found}"}
    return [said[found.state], *(f"{file} is whole" for file in there)]


def upgrade(url: URL, folder: Path, keep: int) -> Path | None:
    """Upgrade the schema if JupyterHub needs a newer one. Return the backup, if any.

    Raises ChoreError, and touches nothing, where the database is a newer JupyterHub's.
    """
    found = schema.look(url)
    _refuse_newer(found)
    if found.state != "old":
        return None
    file = backups.make(copier(url), folder, found.found, keep)
    log.info("backed up to %s", file)
    try:
        schema.upgrade(url)
    except Exception as error:
        # whatever a migration raises: its text may show rows
        raise ChoreError(
            f"the upgrade failed ({type(error).__name__}); "
            f"`z2jh db restore {file.name}` puts back what was"
        ) from error
    log.info("the schema is %s now; it was %s", found.wanted, found.found)
    return file


def restore(url: URL, folder: Path, name: str, keep: int) -> tuple[Path, Path | None]:
    """Restore the backup `name`. Return it, and the backup of the previous state, if any."""
    copies = copier(url)
    file = backups.chosen(folder, name, schema.older(url))
    if file.suffix != f".{copies.suffix}":
        raise ChoreError(f"{file.name} is not of this kind of database ({copies.suffix})")
    copies.verify(file)
    found = schema.look(url)
    # one more than `keep`, so that the oldest is not removed while it is what is restored
    before = None if found.state == "none" else backups.make(copies, folder, found.found, keep + 1)
    copies.restore(file)
    return file, before


def _refuse_newer(found: schema.Schema) -> None:
    if found.state == "unknown":
        raise ChoreError(
            f"the schema is {found.found}, which a newer JupyterHub made; this one knows up to "
            f"{found.wanted}. Use the newer one, or `z2jh db restore` a backup of this one's"
        )
