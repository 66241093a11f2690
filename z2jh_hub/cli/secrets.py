"""`z2jh secrets`: create, print and rotate the hub's secrets."""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from ..chores import ChoreError
from ..chores import secrets as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from ..config import sources
from ..config.errors import ConfigError
from .chores import labels, reports_chore_errors

SECRET = click.option(
    "--secret", "name", default="hub", show_default=True, help="Name of the Secret."
)

# name: key, whether the proxy must be restarted too, effect on users
ROTATIONS = {
    "cookie_secret": (
        chore.COOKIE_SECRET, False, "All users are logged out. Servers keep running.",
    ),
    "crypt_keys": (
        chore.CRYPT_KEYS, False,
        "Nobody is logged out: the old keys are kept. After all users have logged in again,\n"
        "remove them with `z2jh secrets rotate crypt_keys --forget-old`.",
    ),
    "auth_token": (
        chore.AUTH_TOKEN, True,
        "Servers keep running, but are unreachable until both are ready. Nobody is logged out.",
    ),
}  # fmt: skip


@click.group("secrets")
def secrets() -> None:
    """Create, print and rotate the hub's secrets."""


@secrets.command("ensure")
@SECRET
@click.option(
    "--given",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="A directory with one file per key: its value, or an empty file to generate one.",
)
@click.option(
    "--label", "labelled", multiple=True, callback=labels, metavar="KEY=VALUE",
    help="A label for a new Secret. Repeatable.",
)  # fmt: skip
@reports_chore_errors
def ensure(name: str, folder: Path, labelled: dict[str, str]) -> None:
    """Create missing secrets; never change generated ones.

    The chart runs this before each install and upgrade.
    """

    async def task() -> dict[str, chore.Origin]:
        async with Kubernetes() as kubernetes:
            return await chore.ensure(kubernetes, name, chore.read_folder(folder), labelled)

    for key, origin in run(task()).items():
        click.echo(f"{origin:<6} {key}")


@secrets.command("init")
@SECRET
@click.option(
    "-f", "--values", "files", multiple=True, type=click.Path(path_type=Path),
    help="A values file, for the services and the secrets that it sets. Repeatable.",
)  # fmt: skip
@reports_chore_errors
def init(name: str, files: tuple[Path, ...]) -> None:
    """Print a Secret with all generated secrets, to be sealed.

    The output is secret: pipe it into the program that seals it.
    """
    values: dict[str, object] = {}
    try:
        for file in files:
            values = sources.merge_as_helm(values, sources.read(file).data)
    except ConfigError as error:
        raise ChoreError(str(error)) from None
    manifest = chore.manifest(name, chore.read_values(values))
    click.echo(yaml.safe_dump(manifest, sort_keys=False), nl=False)


@secrets.command("rotate")
@click.argument("what", metavar="NAME")
@SECRET
@click.option("--forget-old", is_flag=True, help="Remove all crypt_keys but the newest.")
@reports_chore_errors
def rotate(what: str, name: str, forget_old: bool) -> None:
    """Replace a secret: cookie_secret, crypt_keys, auth_token or the name of a service."""
    key, restarts_proxy, effect = ROTATIONS.get(what) or (
        chore.service_key(what), False,
        f"Give the service {what} the new token from the Secret {name}.",
    )  # fmt: skip
    if forget_old and key != chore.CRYPT_KEYS:
        raise ChoreError(
            "--forget-old is only for crypt_keys; old values of other secrets are not kept"
        )

    async def task() -> None:
        async with Kubernetes() as kubernetes:
            await chore.rotate(kubernetes, name, key, forget_old)

    run(task())
    if forget_old:
        effect = "Users who have not logged in since the last rotation must log in again."
    deployments = [name, *([f"{name.removesuffix('hub')}proxy"] if restarts_proxy else [])]
    restart = " ".join(f"deployment/{each}" for each in deployments)
    click.echo(f"{key} is {'reduced to the newest key' if forget_old else 'replaced'}.\n{effect}")
    click.echo(f"Restart to use it:\n  kubectl rollout restart {restart}")
