"""`z2jh dev ps`, `stop` and `reset`: show, stop and reset the hub of a state directory."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from ..local.dev import ending
from ..local.dev.inventory import ClaimRow, Inventory, PodRow, claims, inventory
from ..local.dev.layout import Layout
from ..local.state import StateError
from . import options

WORDS = "delete homes"
WIDEST = 10_000
DEFAULT = Path(".z2jh")


def _of_parent(ctx: click.Context, _: click.Parameter, folder: Path | None) -> Path:
    """Accept `z2jh dev --state DIR ps` as well as `z2jh dev ps --state DIR`."""
    if folder is not None:
        return folder
    return ctx.parent.params["state"] if ctx.parent and "state" in ctx.parent.params else DEFAULT


state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    callback=_of_parent,
    help=f"The directory that holds users, homes and logs.  [default: {DEFAULT}]",
)


def _existing(layout: Layout, command: str) -> Layout:
    """Return `layout`; end the command if its directory does not exist."""
    if not layout.root.is_dir():
        click.echo(
            f"z2jh dev {command}: the state directory {layout.root} does not exist; specify "
            "another one with --state",
            err=True,
        )
        sys.exit(options.COULD_NOT_RUN)
    return layout


@click.command("ps")
@state_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def ps(state: Path, form: str) -> None:
    """List user servers and homes, each with its user."""
    try:
        listing = inventory(_existing(Layout(state), "ps"))
    except OSError as error:
        click.echo(f"z2jh dev ps: the API does not answer: {error}", err=True)
        sys.exit(options.COULD_NOT_RUN)
    if form == "json":
        click.echo(json.dumps(asdict(listing), indent=2))
    else:
        _show(listing, state)


def _show(listing: Inventory, state: Path) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        # one line per object, for grep and awk
        console = Console(highlight=False, width=WIDEST)
    if listing.url is not None:
        console.print(f"The hub is at {listing.url}")
    elif listing.pods:
        console.print("No z2jh dev runs here. One that was killed left these servers:")
    else:
        console.print(f"No z2jh dev runs in {state}.")
    console.print(_pods(listing.pods) if listing.pods else "No servers.")
    console.print(_claims(listing.claims) if listing.claims else "No homes.")


def _pods(rows: list[PodRow]) -> Table:
    table = _table("USER", "SERVER", "STATUS", "POD", "ADDRESS", "SINCE")
    for row in rows:
        table.add_row(row.user, row.server, row.status, row.name, row.address, row.created)
    return table


def _claims(rows: list[ClaimRow]) -> Table:
    table = _table("USER", "HOME", "SIZE", "USED", "DIRECTORY")
    for row in rows:
        table.add_row(row.user, row.name, row.size, decimal(row.used), row.path)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


@click.command("stop")
@state_option
def stop(state: Path) -> None:
    """Stop the hub and all servers, or what a killed `dev` left. Users and homes stay."""
    _stop(_existing(Layout(state), "stop"))


def _stop(layout: Layout) -> None:
    try:
        was_running = ending.stop(layout)
    except (StateError, ending.StillRuns, OSError) as error:
        click.echo(f"z2jh dev: {error}", err=True)
        sys.exit(options.COULD_NOT_RUN)
    click.echo("Stopped." if was_running else f"Nothing runs in {layout.root}.")


@click.command("reset")
@state_option
@click.option("--homes", is_flag=True, help="Also remove the homes of users.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def reset(state: Path, homes: bool, yes: bool) -> None:
    """Stop, and remove all users, tokens, secrets and logs. Keep homes, unless --homes is set."""
    layout = _existing(Layout(state), "reset")
    if not layout.exists():
        click.echo(f"{layout.root} is empty.")
        return
    rows = claims(layout)
    click.echo(f"This stops everything in {layout.root}, and removes the hub's database (users,")
    click.echo("tokens), the secrets and the logs.")
    for row in rows if homes else ():
        click.echo(f"It removes the home {row.name} ({row.user or '?'}, {decimal(row.used)}).")
    if homes:
        click.echo("It removes the files in trash/ and volumes/.")
    elif rows:
        click.echo(f"Homes that are kept: {len(rows)}, in {layout.state.claims}.")
    if not yes and not _confirmed(homes):
        click.echo("Nothing was removed.")
        sys.exit(1)
    _stop(layout)
    ending.reset(layout, homes=homes)
    click.echo("Removed.")


def _confirmed(homes: bool) -> bool:
    if homes:
        answer = click.prompt(f"Type `{WORDS}` to continue", default="", show_default=False)
        return bool(answer == WORDS)
    return click.confirm("Continue?")
