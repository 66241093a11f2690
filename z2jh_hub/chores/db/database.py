"""Find the hub's database and the program that copies it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL, make_url
from traitlets.config import Config

from ...config.values import from_mounts
from ...hub.configure import build
from .. import ChoreError
from .servers import MySQL, PostgreSQL
from .sqlite import SQLite

# default of JupyterHub.db_url
DEFAULT_URL = "sqlite:///jupyterhub.sqlite"


class Copier(Protocol):
    """Copies one type of database."""

    suffix: str

    def backup(self, file: Path) -> None:
        """Write a consistent copy to the new file `file`."""

    def verify(self, file: Path) -> None:
        """Raise ChoreError if `file` is not a complete copy."""

    def restore(self, file: Path) -> None:
        """Replace JupyterHub's tables with those of `file`."""


def configured_url() -> URL:
    """Return the URL of this pod's hub's database, from the values and snippets.

    Raises ConfigError if the configuration has errors.
    """
    config = Config()
    build(from_mounts(), config)
    hub = config.JupyterHub
    return make_url(hub.db_url if "db_url" in hub else DEFAULT_URL)


def copier(url: URL) -> Copier:
    """Return the copier of the database at `url`. Raises ChoreError if there is none."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ChoreError("the database is in the hub's memory and cannot be copied")
        return SQLite(Path(url.database))
    if kind == "postgresql":
        return PostgreSQL(url)
    if kind in ("mysql", "mariadb"):
        return MySQL(url)
    raise ChoreError(f"z2jh cannot copy databases of type {kind}; use the database's own tools")
