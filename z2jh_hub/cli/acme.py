"""`z2jh acme`: save and restore traefik's certificates."""

from __future__ import annotations

from pathlib import Path

import click

from ..chores import acme as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from .chores import labels, reports_chore_errors


@click.group("acme")
def acme() -> None:
    """Keep traefik's ACME store in a Secret."""


@acme.command("sync")
@click.argument("mode", type=click.Choice(["load", "watch"]))
@click.option("--secret", required=True, help="Name of the Secret with the store.")
@click.option(
    "--file", "store", type=click.Path(path_type=Path), required=True,
    help="Path of the store; its file name is the key in the Secret.",
)  # fmt: skip
@click.option(
    "--label", "labelled", multiple=True, callback=labels, metavar="KEY=VALUE",
    help="A label for a new Secret. Repeatable.",
)  # fmt: skip
@reports_chore_errors
def sync(mode: str, secret: str, store: Path, labelled: dict[str, str]) -> None:
    """Restore the store from its Secret (load), or save it after each change (watch).

    `watch` runs until it is stopped, then saves the store a last time and exits 0.
    """

    async def task() -> None:
        async with Kubernetes() as kubernetes:
            if mode == "watch":
                await chore.watch(kubernetes, secret, store, labelled)
            elif await chore.load(kubernetes, secret, store):
                click.echo(f"{store} is restored from the Secret {secret}")
            else:
                click.echo(f"the Secret {secret} holds no certificates yet")

    run(task())
