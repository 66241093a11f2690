"""`z2jh migrate`: replace deprecated keys in a values file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ..check.files import CannotRead, load
from ..config.errors import ConfigError, Problem, ranked, render
from ..migrate.migrate import Migration
from ..migrate.migrate import migrate as migrate_text
from . import options

NEEDED = 1


@click.command("migrate")
@options.values_files(required=True)
@click.option("--write", is_flag=True, help="Write the files instead of showing the changes.")
@options.form
def migrate(files: tuple[Path, ...], write: bool, form: str) -> None:
    """Replace deprecated keys in values files. FILE is the same as -f FILE.

    Keeps comments and order; the values keep their meaning. Without --write, shows the changes
    with secrets masked. Each file is rewritten on its own.

    Exits 0 if nothing changes or the files were written, 1 if there are changes, and 2 if a file
    cannot be read or its deprecated and current keys contradict each other; then no file is
    written.
    """
    try:
        migrations = [_migration(file) for file in files]
        for file, migration in zip(files, migrations, strict=True):
            if write and migration.is_needed:
                file.write_bytes(migration.after.encode("utf-8"))
    except (CannotRead, ConfigError, OSError) as error:
        options.report(f"z2jh migrate: {error}")
        sys.exit(options.COULD_NOT_RUN)
    if form == "json":
        reports = [_report(migration, write) for migration in migrations]
        content = reports[0] if len(reports) == 1 else reports
        click.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        click.echo("".join(_text(migration, write) for migration in migrations), nl=False)
    needed = any(migration.is_needed for migration in migrations)
    sys.exit(NEEDED if needed and not write else 0)


def _migration(file: Path) -> Migration:
    document = load(file)
    if document.source is None:
        raise ConfigError(document.problems)
    return migrate_text(document.text, str(file))


def _text(migration: Migration, write: bool) -> str:
    problems = render(migration.problems) + "\n" if migration.problems else ""
    if not migration.is_needed:
        return f"{problems}{migration.file} has no deprecated keys.\n"
    return (
        f"{problems}{migration.file} is rewritten.\n"
        if write
        else f"{migration.diff()}\n{problems}"
    )


def _report(migration: Migration, write: bool) -> dict[str, Any]:
    return {
        "file": migration.file,
        "needed": migration.is_needed,
        "written": write and migration.is_needed,
        "keys": [_key(problem) for problem in ranked(migration.problems)],
        "diff": migration.diff(),
    }


def _key(problem: Problem) -> dict[str, str | int | None]:
    return {
        "key": problem.key,
        "line": problem.origin.line if problem.origin else None,
        "message": problem.message,
        "hint": problem.hint,
    }
