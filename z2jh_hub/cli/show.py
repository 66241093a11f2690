"""`z2jh show`: show the effective values or traits, and where each was set."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..check import CannotRead, SetError
from ..check.files import read
from ..config.errors import ConfigError, display
from ..inspect import show as shown
from . import options


@click.command("show")
@options.values_files(required=True)
@options.sets
@click.option("--traits", is_flag=True, help="Show the traits that the hub sets, not the values.")
@click.option("--given", is_flag=True, help="Omit the chart's defaults.")
@options.run_anyway
@options.form
@click.argument("prefix", default="")
def show(
    files: tuple[Path, ...], sets: tuple[str, ...], traits: bool, given: bool, run_anyway: bool,
    form: str, prefix: str,
) -> None:  # fmt: skip
    """Show the effective values (or traits), and where each was set.

    PREFIX selects a part: `singleuser.storage`, or `KubeSpawner` with --traits. Secrets
    are hidden. Exits 2 if the files cannot be read or the hub would not start.
    """
    try:
        values = read(files, sets)
        found = (
            shown.traits_of(values, run_anyway=run_anyway) if traits else shown.values_of(values)
        )
    except (CannotRead, SetError, ConfigError, shown.NotShown, OSError) as error:
        click.echo(f"z2jh show: {error}", err=True)
        sys.exit(options.COULD_NOT_RUN)
    below = prefix.rstrip(".")
    found = [
        one for one in found if not below or one.name == below or one.name.startswith(f"{below}.")
    ]
    if given:
        found = [one for one in found if one.source != shown.CHART]
    if form == "json":
        kind = "traits" if traits else "values"
        click.echo(json.dumps({kind: [one.as_json() for one in found]}, indent=2))
        return
    for one in found:
        # secrets are already hidden
        text = display((), one.value, 100)
        click.echo(f"{one.name}: {text}  {click.style(f'# {one.source}', dim=True)}")
