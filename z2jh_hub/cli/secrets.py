"""`z2jh secrets`: the hub's Secret, made, printed and rotated."""

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
    "--secret", "name", default="hub", show_default=True, help="The Secret's name."
)

# what a rotation is called: its key, whether the proxy restarts with the hub, what users notice
ROTATIONS = {
    "cookie_secret": (
        chore.COOKIE_SECRET, False, "Everybody is logged out. Servers go on.",
    ),
    "crypt_keys": (
        chore.CRYPT_KEYS, False,
        "Nobody is logged out: the old keys are kept. When all have logged in again,\n"
        "`z2jh secrets rotate crypt_keys --forget-old` drops them.",
    ),
    "auth_token": (
        chore.AUTH_TOKEN, True,
        "Servers go on, and are out of reach until both are ready again. Nobody is logged out.",
    ),
}  # fmt: skip


@click.group("secrets")
def secrets() -> None:
    """The hub's secrets: made in the cluster, printed, rotated."""


@secrets.command("ensure")
@SECRET
@click.option(
    "--given",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="A folder with a file for each key: what the values give, empty for what is to be made.",
)
@click.option(
    "--label", "labelled", multiple=True, callback=labels, metavar="KEY=VALUE",
    help="A label of the Secret, where it is made.",
)  # fmt: skip
@reports_chore_errors
def ensure(name: str, folder: Path, labelled: dict[str, str]) -> None:
    """Make what was not given and is not there; never change what was made.

    The chart runs this before each install and upgrade.
    """

    async def chore_of_this() -> dict[str, chore.Origin]:
        async with Kubernetes() as kubernetes:
            return await chore.ensure(kubernetes, name, chore.given_in_folder(folder), labelled)

    for key, origin in run(chore_of_this()).items():
        click.echo(f"{origin:<6} {key}")


@secrets.command("init")
@SECRET
@click.option(
    "-f", "--values", "files", multiple=True, type=click.Path(path_type=Path),
    help="Values files, for the services' names and what they give.",
)  # fmt: skip
@reports_chore_errors
def init(name: str, files: tuple[Path, ...]) -> None:
    """Print a Secret with all that would be made, for people who seal their own.

    What it prints is secret: pipe it into the program that seals.
    """
    values: dict[str, object] = {}
    try:
        for file in files:
            values = sources.merge_as_helm(values, sources.read(file).data)
    except ConfigError as error:
        raise ChoreError(str(error)) from None
    manifest = chore.manifest(name, chore.given_in_values(values))
    click.echo(yaml.safe_dump(manifest, sort_keys=False), nl=False)


@secrets.command("rotate")
@click.argument("what", metavar="NAME")
@SECRET
@click.option("--forget-old", is_flag=True, help="Of crypt_keys: drop all but the newest.")
@reports_chore_errors
def rotate(what: str, name: str, forget_old: bool) -> None:
    """Replace a secret by a new one: cookie_secret, crypt_keys, auth_token or a service's name."""
    key, with_proxy, effect = ROTATIONS.get(what) or (
        chore.service_key(what), False,
        f"The service {what} has to be given the new token, from the Secret {name}.",
    )  # fmt: skip
    if forget_old and key != chore.CRYPT_KEYS:
        raise ChoreError("--forget-old is for crypt_keys: of the others no old value is kept")

    async def chore_of_this() -> None:
        async with Kubernetes() as kubernetes:
            await chore.rotate(kubernetes, name, key, forget_old)

    run(chore_of_this())
    if forget_old:
        effect = "Whoever has not logged in since the last rotation has to log in again."
    deployments = [name, *([f"{name.removesuffix('hub')}proxy"] if with_proxy else [])]
    restart = " ".join(f"deployment/{each}" for each in deployments)
    click.echo(f"{key} is {'cut to its newest' if forget_old else 'new'}.\n{effect}")
    click.echo(f"It is used from the next start on:\n  kubectl rollout restart {restart}")
