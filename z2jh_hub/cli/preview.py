"""`z2jh preview`: print the pod and the PVC that a user would get."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import yaml

from ..check import CannotRead, SetError
from ..check.files import read
from ..config.errors import ConfigError
from ..inspect import preview
from . import options
from .progress import progress


@click.command("preview")
@options.values_files(required=True)
@options.sets
@click.option("--user", required=True, metavar="NAME", help="Name of the user who starts a server.")
@click.option("--groups", default="", metavar="A,B", help="The user's groups.")
@click.option("--profile", metavar="SLUG", help="Slug of the profile that the user selects.")
@click.option(
    "--option",
    "chosen",
    multiple=True,
    metavar="K=V",
    help="An option of the profile, or another user option. Repeatable.",
)
@click.option("--server", default="", metavar="NAME", help="Name of a named server.")
@options.run_anyway
@click.option("--show-secrets", is_flag=True, help="Show secrets.")
def command(
    files: tuple[Path, ...], sets: tuple[str, ...], user: str, groups: str, profile: str | None,
    chosen: tuple[str, ...], server: str, run_anyway: bool, show_secrets: bool,
) -> None:  # fmt: skip
    """Print the pod and the PVC that a user would get, as YAML.

    Exits 1 if the hub would reject the start, and 2 if the start or the preview fails.
    """
    if not user:
        raise click.BadParameter("a user name must not be empty", param_hint="--user")
    wrong = [option for option in chosen if "=" not in option]
    if wrong:
        raise click.BadParameter(f"{wrong[0]} is not of the form K=V", param_hint="--option")
    named = dict(option.split("=", 1) for option in chosen)
    request = preview.Request(user, options.groups(groups), profile, named, server)
    try:
        values = read(files, sets)
        with progress("Configuring a hub …"):
            rendered = preview.objects(values, request, run_anyway=run_anyway)
    except (CannotRead, SetError, OSError) as error:
        options.report(f"z2jh preview: {error}")
        sys.exit(options.COULD_NOT_RUN)
    except ConfigError as error:
        options.report(f"{error}\nz2jh preview: the hub would not start; see `z2jh check`")
        sys.exit(options.COULD_NOT_RUN)
    except preview.Refused as error:
        options.report(f"z2jh preview: the hub refuses the start: {error}")
        sys.exit(1)
    except preview.NotRendered as error:
        options.report(f"z2jh preview: {error}")
        sys.exit(options.COULD_NOT_RUN)
    for note in rendered.notes:
        options.report(f"note: {note}")
    documents = [*rendered.claims, rendered.pod]
    if not show_secrets:
        documents = [preview.without_secrets(document, values) for document in documents]
    click.echo(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True), nl=False)
