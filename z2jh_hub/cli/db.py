"""`z2jh db`: the hub's database, in the hub's pod."""

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
    show_default=True, help="Where the backups are.",
)  # fmt: skip
KEEP = click.option(
    "--keep", type=click.IntRange(min=1), default=5, show_default=True,
    help="How many backups of each schema; older ones are removed.",
)  # fmt: skip
SQLITE = click.option(
    "--sqlite", type=click.Path(path_type=Path), metavar="FILE",
    help="This database, whatever the configuration says; it need not be there.",
)  # fmt: skip


@click.group("db")
def db() -> None:
    """The hub's database: back up, check, upgrade, restore.

    Runs where the hub does, and takes the database from the hub's configuration:
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
    """Copy the database, consistently, while the hub goes on."""
    from ..chores.db import chores

    with stoppable():
        click.echo(chores.backup(_url(), folder, keep))


@db.command("verify")
@FOLDER
@reports_chore_errors
def verify(folder: Path) -> None:
    """Tell whether this JupyterHub can use the database, and whether the backups are whole."""
    from ..chores.db import chores

    with stoppable():
        click.echo("\n".join(chores.verify(_url(), folder)))


@db.command("upgrade")
@SQLITE
@FOLDER
@KEEP
@reports_chore_errors
def upgrade(sqlite: Path | None, folder: Path, keep: int) -> None:
    """Upgrade the schema, after a backup, where this JupyterHub wants a newer one.

    The chart runs this before a hub with SQLite starts. The database of a newer JupyterHub is
    refused.
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
    """Put a backup back: `latest`, `before-upgrade`, a name in the folder, or a path.

    `before-upgrade` is the newest of an older JupyterHub's schema: the way back to its release.
    What is there now is backed up first. Restart the hub afterwards.
    """
    from ..chores.db import chores

    with stoppable():
        file, before = chores.restore(_url(sqlite), folder, name, keep)
    click.echo(f"restored {file}" + (f"\nwhat was there before is in {before}" if before else ""))
