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

# names that an administrator can give for one of them
LATEST, BEFORE_UPGRADE = "latest", "before-upgrade"


def make(copier: Copier, folder: Path, version: str | None, keep: int) -> Path:
    """Back the database up to `folder`; then remove all but the newest `keep` of its version.

    Those of an older schema stay: they are the way back. The file is the owner's alone, has been
    verified, and has its name only then.
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
    alike = [old for old in listed(folder) if version_of(old) == version]
    for old in alike[keep:]:
        old.unlink(missing_ok=True)
    return file


def listed(folder: Path) -> list[Path]:
    """Return all backups in `folder`, newest first."""
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if NAME.match(f.name)), reverse=True)


def version_of(file: Path) -> str | None:
    """Return the schema version in a backup's name; None if the database had none."""
    found = NAME.match(file.name)
    return found["version"] if found and found["version"] != NO_VERSION else None


def chosen(folder: Path, name: str, older: Set[str | None]) -> Path:
    """Return the backup `name`: a file name, a path, `latest` or `before-upgrade`.

    The last is the newest whose schema's version is one of `older`. Raises ChoreError where
    there is none.
    """
    there = listed(folder)
    if name == LATEST:
        if not there:
            raise ChoreError(f"there is no backup in {folder}")
        return there[0]
    if name == BEFORE_UPGRADE:
        before = [file for file in there if version_of(file) in older]
        if not before:
            raise ChoreError(
                f"there is no backup in {folder} from before an upgrade of the schema: "
                "an older JupyterHub's database was never upgraded here, or its backup was removed"
            )
        return before[0]
    for file in (folder / name, Path(name)):
        if file.is_file():
            return file
    names = ", ".join(file.name for file in there) or "none"
    raise ChoreError(f"there is no backup {name}; in {folder} there are: {names}")
