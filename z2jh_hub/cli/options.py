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
    """Return the repeatable option `-f FILE`, the argument `files`."""
    return click.option(
        "-f",
        "--values",
        "files",
        multiple=True,
        required=required,
        type=click.Path(path_type=Path),
        help="A values file. Repeatable; later files override earlier ones, as in Helm.",
    )


sets = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a value, as Helm does. Repeatable.",
)

form = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)

run_anyway = click.option(
    "--run-anyway",
    is_flag=True,
    help="Run the Python in the values even if its network access cannot be blocked.",
)
