"""`z2jh homes`: list and decide which PVC belongs to which user."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields

import click
from rich.console import Console
from rich.table import Table

from ..chores import homes as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from . import options
from .chores import reports_chore_errors


@click.group("homes")
def homes() -> None:
    """List and decide which PVC belongs to which user."""


@homes.command("plan")
@options.form
@reports_chore_errors
def plan(form: str) -> None:
    """List which PVC belongs to which user.

    Reads the annotations of the claims in the namespace of this pod, or of the kubeconfig's
    context. Changes nothing.
    """

    async def query() -> list[chore.Home]:
        async with Kubernetes() as kubernetes:
            return await chore.plan(kubernetes)

    rows = run(query())
    if form == "json":
        click.echo(json.dumps({"homes": [asdict(home) for home in rows]}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for field in fields(chore.Home):
        table.add_column(field.name.upper(), overflow="fold")
    for home in rows:
        table.add_row(*asdict(home).values())
    Console(highlight=False).print(table if rows else "No claim in this namespace names a user.")


@homes.command("assign")
@click.argument("claim", required=False)
@click.argument("user", required=False)
@click.option("--server", default="", help="Named server whose home the claim is.")
@click.option("--from-release", metavar="NAME", help="Confirm the owners of a release's claims.")
@reports_chore_errors
def assign(claim: str | None, user: str | None, server: str, from_release: str | None) -> None:
    """Make CLAIM the home of USER.

    Use it for a user who was deleted and created again, for a renamed user, and for a claim of
    another release. Restart the user's server to mount the claim. With --from-release, the hubs
    of this namespace use every claim of that release for the user whom the claim names.
    """
    if from_release and not claim:
        _decide(lambda kubernetes: chore.assign_release(kubernetes, from_release))
    elif claim and user and not from_release:
        _decide(lambda kubernetes: chore.assign(kubernetes, claim, user, server))
    else:
        raise click.UsageError("Specify CLAIM and USER, or --from-release NAME")


@homes.command("release")
@click.argument("claim")
@reports_chore_errors
def release(claim: str) -> None:
    """Set CLAIM aside, so that no server uses it.

    The next start of its user creates a new home under another name. The claim and its files stay
    until you delete the claim, or assign it.
    """
    _decide(lambda kubernetes: chore.release(kubernetes, claim))


def _decide(decision: Callable[[Kubernetes], Awaitable[str | list[str]]]) -> None:
    async def query() -> str | list[str]:
        async with Kubernetes() as kubernetes:
            return await decision(kubernetes)

    changes = run(query())
    for line in [changes] if isinstance(changes, str) else changes:
        click.echo(line)
