"""`z2jh db`: back up, check, upgrade and restore the hub's database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..chores import ChoreError
from ..chores.running import stoppable
from ..config.errors import ConfigError
from .chores import reports_chore_errors

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("/srv/jupyterhub/backups"),
    show_default=True, help="Directory of the backups.",
)  # fmt: skip
KEEP = click.option(
    "--keep", type=click.IntRange(min=1), default=5, show_default=True,
    help="Number of backups to keep per schema version.",
)  # fmt: skip
SQLITE = click.option(
    "--sqlite", type=click.Path(path_type=Path), metavar="FILE",
    help="SQLite file to use instead of the configured database. It may be missing.",
)  # fmt: skip


@click.group("db")
def db() -> None:
    """Back up, check, upgrade and restore the hub's database.

    Runs in the hub's pod, and reads the address of the database from the hub's configuration:
    kubectl exec deployment/hub -- z2jh db backup
    """


def _url(sqlite: Path | None = None) -> URL:
    if sqlite:
        from sqlalchemy.engine import URL

        return URL.create("sqlite", database=str(sqlite))
    from ..chores.db.database import configured_url

    try:
        return configured_url()
    except ConfigError as error:
        raise ChoreError(str(error)) from None


@db.command("backup")
@FOLDER
@KEEP
@reports_chore_errors
def backup(folder: Path, keep: int) -> None:
    """Back up the database consistently while the hub runs."""
    from ..chores.db import chores

    with stoppable():
        click.echo(chores.backup(_url(), folder, keep))


@db.command("verify")
@FOLDER
@reports_chore_errors
def verify(folder: Path) -> None:
    """Check that this JupyterHub can use the database, and that the backups are intact."""
    from ..chores.db import chores

    with stoppable():
        click.echo("\n".join(chores.verify(_url(), folder)))


@db.command("upgrade")
@SQLITE
@FOLDER
@KEEP
@reports_chore_errors
def upgrade(sqlite: Path | None, folder: Path, keep: int) -> None:
    """Upgrade the schema if this JupyterHub needs a newer one, after a backup.

    The chart runs this before a hub with SQLite starts. Fails if the database belongs to a newer
    JupyterHub.
    """
    from ..chores.db import chores

    with stoppable():
        file = chores.upgrade(_url(sqlite), folder, keep)
    click.echo(f"upgraded; the backup is {file}" if file else "nothing to upgrade")


@db.command("restore")
@click.argument("name", default="latest")
@SQLITE
@FOLDER
@KEEP
@reports_chore_errors
def restore(name: str, sqlite: Path | None, folder: Path, keep: int) -> None:
    """Restore a backup: `latest`, `before-upgrade`, a name in the folder, or a path.

    `before-upgrade` is the newest backup from an older JupyterHub; use it to return to that
    release. The current database is backed up first. Restart the hub afterwards.
    """
    from ..chores.db import chores

    with stoppable():
        file, before = chores.restore(_url(sqlite), folder, name, keep)
    click.echo(f"restored {file}" + (f"\nthe previous database is in {before}" if before else ""))
