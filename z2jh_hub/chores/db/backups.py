"""Backups in a folder: `jupyterhub-<time, UTC>-<schema version>.<suffix>`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from .. import ChoreError
from .database import Copier

NAME = re.compile(r"^jupyterhub-\d{8}T\d{9}Z-\w+\.(sqlite|pgdump|sql)$")
PART = ".part"


def make(copier: Copier, folder: Path, version: str | None, keep: int) -> Path:
    """Back the database up to `folder`; then remove all but the newest `keep`.

    The file is the owner's alone, has been verified, and has its name only then.
    """
    moment = datetime.now(UTC)
    stamp = f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z"
    file = folder / f"jupyterhub-{stamp}-{version or 'none'}.{copier.suffix}"
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
    for old in listed(folder)[keep:]:
        old.unlink(missing_ok=True)
    return file


def listed(folder: Path) -> list[Path]:
    """All backups in `folder`, newest first."""
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if NAME.match(f.name)), reverse=True)


def chosen(folder: Path, name: str) -> Path:
    """The backup called `name`, a path, or `latest`. Raises ChoreError where there is none."""
    there = listed(folder)
    if name == "latest":
        if not there:
            raise ChoreError(f"there is no backup in {folder}")
        return there[0]
    for file in (folder / name, Path(name)):
        if file.is_file():
            return file
    names = ", ".join(file.name for file in there) or "none"
    raise ChoreError(f"there is no backup {name}; in {folder} there are: {names}")
