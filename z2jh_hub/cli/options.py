"""Options and exit codes that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

# exit code of a command that could not answer
COULD_NOT_RUN = 2

Command = TypeVar("Command", bound=Callable[..., Any])


def values_files(*, required: bool) -> Callable[[Command], Command]:
    """`-f FILE`, as often as there are files: the argument `files`."""
    return click.option(
        "-f",
        "--values",
        "files",
        multiple=True,
        required=required,
        type=click.Path(path_type=Path),
        help="A values file; later ones are laid over earlier ones, as Helm does.",
    )


sets = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="As Helm's --set.")

form = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to write: for people, or for programs.",
)

run_anyway = click.option(
    "--run-anyway",
    is_flag=True,
    help="Run the Python of the values even where it cannot be kept from the network.",
)
