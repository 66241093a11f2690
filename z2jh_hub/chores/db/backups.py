"""Backups in a directory: `jupyterhub-<time, UTC>-<schema version>.<suffix>`."""

from __future__ import annotations

import os
import re
from collections.abc import Set
from datetime import UTC, datetime
from pathlib import Path

from .. import ChoreError
from .database import Copier

NAME = re.compile(r"^jupyterhub-\d{8}T\d{9}Z-(?P<version>\w+)\.(sqlite|pgdump|sql)$")
NO_VERSION = "none"
PART = ".part"

# names that select a backup
LATEST, BEFORE_UPGRADE = "latest", "before-upgrade"


def make(copier: Copier, folder: Path, version: str | None, keep: int) -> Path:
    """Back up the database to `folder`, and keep the newest `keep` backups of its version.

    Backups of an older schema stay, since a downgrade needs them. The file is readable only by
    its owner, and gets its final name after it has been verified.
    """
    moment = datetime.now(UTC)
    stamp = f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z"
    file = folder / f"jupyterhub-{stamp}-{version or NO_VERSION}.{copier.suffix}"
    part = file.with_name(file.name + PART)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copier.backup(part)
        copier.verify(part)
        part.rename(file)
    except OSError as error:
        raise ChoreError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    same_version = [old for old in listed(folder) if version_of(old) == version]
    for old in same_version[keep:]:
        old.unlink(missing_ok=True)
    return file


def listed(folder: Path) -> list[Path]:
    """Return all backups in `folder`, newest first."""
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if NAME.match(f.name)), reverse=True)


def version_of(file: Path) -> str | None:
    """Return the schema version in a backup's name; None if the database had none."""
    match = NAME.match(file.name)
    return match["version"] if match and match["version"] != NO_VERSION else None


def select(folder: Path, name: str, older: Set[str | None]) -> Path:
    """Return the backup `name`: a file name, a path, `latest` or `before-upgrade`.

    `before-upgrade` is the newest backup whose schema version is one of `older`. Raises
    ChoreError if it does not exist.
    """
    existing = listed(folder)
    if name == LATEST:
        if not existing:
            raise ChoreError(f"there is no backup in {folder}")
        return existing[0]
    if name == BEFORE_UPGRADE:
        before = [file for file in existing if version_of(file) in older]
        if not before:
            raise ChoreError(
                f"there is no backup in {folder} from before an upgrade of the schema: "
                "no database of an older JupyterHub was upgraded here, or its backup was removed"
            )
        return before[0]
    for file in (folder / name, Path(name)):
        if file.is_file():
            return file
    names = ", ".join(file.name for file in existing) or "none"
    raise ChoreError(f"there is no backup {name}; backups in {folder}: {names}")
