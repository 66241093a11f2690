"""`z2jh db`: back up, check, upgrade, restore and move the hub's database."""

from __future__ import annotations

import sys
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
    """Back up, check, upgrade, restore and move the hub's database.

    Runs in the hub's pod, and reads the address of the database from the hub's configuration:
    kubectl exec deployment/hub -- z2jh db backup
    """


def _url(sqlite: Path | None = None, option: str = "") -> URL:
    """Return the URL of a file, or of the configured database; `option` could name a file."""
    if sqlite:
        from sqlalchemy.engine import URL

        return URL.create("sqlite", database=str(sqlite))
    from ..chores.db.database import configured_url
    from ..config.paths import config_root

    if not (config_root() / "secret").is_dir():
        where = "this is not the hub's pod: run it with kubectl exec deployment/hub -- z2jh db …"
        raise ChoreError(f"{where}, or name an SQLite file with {option}" if option else where)
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
        file = chores.upgrade(_url(sqlite, "--sqlite"), folder, keep)
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
        file, before = chores.restore(_url(sqlite, "--sqlite"), folder, name, keep)
    click.echo(f"restored {file}" + (f"\nthe previous database is in {before}" if before else ""))


@db.command("move")
@click.argument("target", metavar="URL")
@click.option("--from", "source", metavar="FILE", type=click.Path(path_type=Path),
              help="SQLite file to copy instead of the configured database.")  # fmt: skip
@click.option("--no-password", is_flag=True, help="The database at URL needs no password.")
@reports_chore_errors
def move(target: str, source: Path | None, no_password: bool) -> None:
    """Copy the database to another one, such as from SQLite to PostgreSQL.

    URL has no password: it is read from a prompt or from standard input. The database at URL must
    exist and be empty; an SQLite file is created. The current database does not change; set hub.db
    to the new one afterwards.

    \b
    kubectl exec -it deployment/hub -- z2jh db move postgresql+psycopg2://hub@postgres/hub
    """
    from ..chores.db import move as moving

    url = _target(target, no_password)
    with stoppable():
        copied = moving.move(_url(source, "--from"), url)
    width = max(len(table.table) for table in copied)
    for table in copied:
        note = f"   {table.dropped} without what they belong to: left out"
        click.echo(f"{table.table:{width}} {table.rows:8}{note if table.dropped else ''}")
    click.echo("Everything has arrived. Set hub.db to the new database, and upgrade the release.")


def _target(text: str, no_password: bool) -> URL:
    """Return the URL with its password, which no list of processes may show."""
    url = _usable_url(text)
    if no_password or url.get_backend_name() == "sqlite":
        return url
    if sys.stdin.isatty():
        return url.set(password=click.prompt("Password", hide_input=True, err=True))
    return url.set(password=sys.stdin.readline().rstrip("\n"))


def _usable_url(text: str) -> URL:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from ..config.sections.hub_db import EXAMPLE_URLS, OLD_SCHEME
    from ..masking.names import is_secret_name

    def refuse(why: str) -> click.BadParameter:
        return click.BadParameter(why, param_hint="URL")

    try:
        url = make_url(OLD_SCHEME.sub("postgresql", text))
    except (ArgumentError, ValueError):
        raise refuse("a database URL is expected") from None
    if url.password or any(is_secret_name(name) for name in url.query):
        raise refuse("the list of processes shows a password in the URL: leave it out")
    try:
        create_engine(url)
    except (ArgumentError, ImportError) as error:
        examples = " or ".join(text for kind, text in EXAMPLE_URLS.items() if kind != "other")
        raise refuse(f"the hub cannot use this URL: {error}; expected: {examples}") from None
    return url
