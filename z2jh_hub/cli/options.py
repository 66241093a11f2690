"""Options and exit codes that several commands share."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from ..config.severities import Style, plain
from ..masking import printable

# exit code of a command that could not answer
COULD_NOT_RUN = 2

Command = TypeVar("Command", bound=Callable[..., Any])


def report(text: str) -> None:
    """Print an error or a note, which may quote a values file or its code, to standard error."""
    click.echo(printable(text), err=True)


def style() -> Style:
    """Return what colours text if standard output is a terminal that shows colours."""
    return click.style if sys.stdout.isatty() and "NO_COLOR" not in os.environ else plain


def show(report: Any, form: str, formats: Mapping[str, Callable[..., str]]) -> None:
    """Print a report in a format."""
    write = formats[form]
    click.echo(write(report, style()) if form == "text" else write(report), nl=False)


def exit_with(report: Any, form: str, formats: Mapping[str, Callable[..., str]]) -> NoReturn:
    """Print a report in a format, and exit with 1 if it has errors."""
    show(report, form, formats)
    sys.exit(1 if report.failed else 0)


values_option = click.option(
    "-f",
    "--values",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A values file. Repeatable; later files override earlier ones, as in Helm.",
)


def values_files(*, required: bool) -> Callable[[Command], Command]:
    """Accept values files as `-f FILE` and as arguments; the function gets them as `files`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_files(files: tuple[Path, ...], more: tuple[Path, ...], **others: Any) -> Any:
            if required and not files + more:
                raise no_file()
            return command(files=files + more, **others)

        argument = click.argument(
            "more", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path)
        )
        return values_option(argument(with_files))  # type: ignore[return-value]

    return decorate


def no_file() -> click.UsageError:
    """Return the error that no values file was specified."""
    command = click.get_current_context().info_name
    return click.UsageError(f"Specify a values file: z2jh {command} -f config.yaml")


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


def groups(text: str) -> list[str]:
    """Return the groups in the text `a,b`, or LDAP groups in `cn=a,dc=x;cn=b,dc=x`."""
    return [group for group in text.split(";" if "=" in text else ",") if group]
