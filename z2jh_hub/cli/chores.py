"""Options and error handling that the commands of the chores share."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..chores import ChoreError
from ..chores.running import Stopped

STOPPED = 143  # a shell's exit code for SIGTERM

Command = TypeVar("Command", bound=Callable[..., Any])


def reports_chore_errors(command: Command) -> Command:
    """Decorate a command: print a ChoreError and exit 1, or 143 if a signal stopped the chore."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        try:
            return command(*args, **kwargs)
        except ChoreError as error:
            click.echo(f"{click.get_current_context().command_path}: {error}", err=True)
            sys.exit(STOPPED if isinstance(error, Stopped) else 1)

    return wrapped  # type: ignore[return-value]


def labels(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """Parse `--label KEY=VALUE` options."""
    pairs = [text.partition("=") for text in texts]
    for key, equals, _value in pairs:
        if not key or not equals:
            raise click.BadParameter("expected KEY=VALUE")
    return {key: value for key, _, value in pairs}
