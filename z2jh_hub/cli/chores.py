"""What the faces of the chores have in common."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..chores import ChoreError
from ..chores.running import Stopped

STOPPED = 143  # as a shell tells SIGTERM: not a success for those who wait for one

Command = TypeVar("Command", bound=Callable[..., Any])


def told(command: Command) -> Command:
    """Tell a ChoreError in one line, and exit with 1; with 143 where a signal stopped the chore."""

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


def labels(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`--label KEY=VALUE`, as a dictionary."""
    pairs = [text.partition("=") for text in given]
    for key, equals, _value in pairs:
        if not key or not equals:
            raise click.BadParameter("has to be KEY=VALUE")
    return {key: value for key, _, value in pairs}
