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
@click.option("--write", is_flag=True, help="Change the file instead of showing the changes.")
@options.form
def migrate(file: Path, write: bool, form: str) -> None:
    """Replace the deprecated keys of a values file with the current ones.

    Comments and order are kept, and the meaning of the file does not change. Without --write,
    the changes are shown with secrets hidden.

    Exits 0 if nothing needs to change or the file was written; 1 if something needs to change;
    2 if the file cannot be read, or deprecated and current keys contradict each other.
    """
    try:
        # bytes, to keep the line endings
        text = file.read_bytes().decode("utf-8")
        found = migrate_text(text, str(file))
        if write and found.is_needed:
            file.write_bytes(found.after.encode("utf-8"))
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        click.echo(f"z2jh migrate: {error}", err=True)
        sys.exit(options.COULD_NOT_RUN)
    click.echo(_json(found, write) if form == "json" else _text(found, write), nl=False)
    sys.exit(NEEDED if found.is_needed and not write else 0)


def _text(found: Migration, write: bool) -> str:
    report = render(found.problems) + "\n" if found.problems else ""
    if not found.is_needed:
        return f"{report}{found.file} has no deprecated keys.\n"
    return f"{report}{found.file} was rewritten.\n" if write else f"{found.diff()}\n{report}"


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
