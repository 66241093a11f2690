"""`z2jh homes`: whose home is which claim."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

import click
from rich.console import Console
from rich.table import Table

from ..chores import homes as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from . import options
from .chores import told


@click.group("homes")
def homes() -> None:
    """The users' homes in the cluster."""


@homes.command("plan")
@options.form
@told
def plan(form: str) -> None:
    """List user and claim, in the namespace of this pod or of the kubeconfig's context.

    A claim says in its annotations whose home it is, and is found by them whatever the
    configuration would call it. Changes nothing.
    """

    async def ask() -> list[chore.Home]:
        async with Kubernetes() as kubernetes:
            return await chore.plan(kubernetes)

    found = run(ask())
    if form == "json":
        click.echo(json.dumps({"homes": [asdict(home) for home in found]}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for field in fields(chore.Home):
        table.add_column(field.name.upper(), overflow="fold")
    for home in found:
        table.add_row(*asdict(home).values())
    Console(highlight=False).print(table if found else "No claim here says whose home it is.")
