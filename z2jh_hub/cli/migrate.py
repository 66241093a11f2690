"""`z2jh migrate`: a values file of the 2018 guide, with today's keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..config.errors import ConfigError, Problem, ranked, render
from ..migrate.migrate import Migration
from ..migrate.migrate import migrate as migrate_text
from . import options

NEEDED = 1
COULD_NOT_RUN = 2


@click.command("migrate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Change the file, instead of showing how.")
@options.form
def migrate(file: Path, write: bool, form: str) -> None:
    """Give a values file of the 2018 guide today's keys.

    Comments and order are kept, and the file means afterwards what it meant. Without
    --write the changes are shown, without secrets.

    Exits 0 where nothing is to be changed, or the file was written; 1 where something is to
    be changed; 2 where it could not be read, or has old keys that contradict today's.
    """
    try:
        # newlines stay as they are
        text = file.read_bytes().decode("utf-8")
        found = migrate_text(text, str(file))
        if write and found.is_needed:
            file.write_bytes(found.after.encode("utf-8"))
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        click.echo(f"z2jh migrate: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    click.echo(_json(found, write) if form == "json" else _text(found, write), nl=False)
    sys.exit(NEEDED if found.is_needed and not write else 0)


def _text(found: Migration, write: bool) -> str:
    said = render(found.problems) + "\n" if found.problems else ""
    if not found.is_needed:
        return f"{said}{found.file} has no deprecated keys.\n"
    return f"{said}{found.file} is rewritten.\n" if write else f"{found.diff()}\n{said}"


def _json(found: Migration, write: bool) -> str:
    return (
        json.dumps(
            {
                "file": found.file,
                "needed": found.is_needed,
                "written": write and found.is_needed,
                "keys": [_key(problem) for problem in ranked(found.problems)],
                "diff": found.diff(),
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def _key(problem: Problem) -> dict[str, str | int | None]:
    return {
        "key": problem.key,
        "line": problem.origin.line if problem.origin else None,
        "message": problem.message,
        "hint": problem.hint,
    }
