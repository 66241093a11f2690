"""`z2jh acme`: keep traefik's certificates over a restart."""

from __future__ import annotations

from pathlib import Path

import click

from ..chores import acme as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from .chores import labels, reports_chore_errors


@click.group("acme")
def acme() -> None:
    """traefik's ACME store, kept in a Secret."""


@acme.command("sync")
@click.argument("mode", type=click.Choice(["load", "watch"]))
@click.option("--secret", required=True, help="The Secret that keeps the store.")
@click.option(
    "--file", "store", type=click.Path(path_type=Path), required=True,
    help="traefik's store; its name is the key in the Secret.",
)  # fmt: skip
@click.option(
    "--label", "labelled", multiple=True, callback=labels, metavar="KEY=VALUE",
    help="A label of the Secret, where it is made.",
)  # fmt: skip
@reports_chore_errors
def sync(mode: str, secret: str, store: Path, labelled: dict[str, str]) -> None:
    """Write the store from its Secret (load), or save it there at each change (watch).

    `watch` goes on until it is stopped, then saves once more and exits with 0.
    """

    async def chore_of_this() -> None:
        async with Kubernetes() as kubernetes:
            if mode == "watch":
                await chore.watch(kubernetes, secret, store, labelled)
            elif await chore.load(kubernetes, secret, store):
                click.echo(f"{store} is restored from the Secret {secret}")
            else:
                click.echo(f"the Secret {secret} holds no certificates yet")

    run(chore_of_this())
