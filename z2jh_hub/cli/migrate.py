"""`z2jh migrate`: replace deprecated keys in a values file."""

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


@click.command("migrate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write the file instead of showing the changes.")
@options.form
def migrate(file: Path, write: bool, form: str) -> None:
    """Replace deprecated keys in a values file.

    Keeps comments and order; the values keep their meaning. Without --write, shows the changes
    with secrets masked.

    Exits 0 if nothing changes or the file was written, 1 if there are changes, and 2 if the file
    cannot be read or its deprecated and current keys contradict each other.
    """
    try:
        # bytes, to keep the line endings
        text = file.read_bytes().decode("utf-8")
        migration = migrate_text(text, str(file))
        if write and migration.is_needed:
            file.write_bytes(migration.after.encode("utf-8"))
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        click.echo(f"z2jh migrate: {error}", err=True)
        sys.exit(options.COULD_NOT_RUN)
    click.echo(_json(migration, write) if form == "json" else _text(migration, write), nl=False)
    sys.exit(NEEDED if migration.is_needed and not write else 0)


def _text(migration: Migration, write: bool) -> str:
    problems = render(migration.problems) + "\n" if migration.problems else ""
    if not migration.is_needed:
        return f"{problems}{migration.file} has no deprecated keys.\n"
    return (
        f"{problems}{migration.file} is rewritten.\n"
        if write
        else f"{migration.diff()}\n{problems}"
    )


def _json(migration: Migration, write: bool) -> str:
    return (
        json.dumps(
            {
                "file": migration.file,
                "needed": migration.is_needed,
                "written": write and migration.is_needed,
                "keys": [_key(problem) for problem in ranked(migration.problems)],
                "diff": migration.diff(),
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
