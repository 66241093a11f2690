"""`z2jh check`: find mistakes in values files before they are deployed."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import click

from ..check import CannotRead, SetError, login, make_report
from ..check.report import formats as check_formats
from ..config.errors import ConfigError
from ..masking import printable
from ..sandbox import NotIsolated, Stopped
from . import options
from .progress import progress


@click.command("check")
@options.values_files(required=True)
@options.sets
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(check_formats.FORMATS)),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--static", is_flag=True, help="Do not run Python code of the values or the authenticator."
)
@options.run_anyway
@click.option(
    "--at", metavar="KEY", help="Check the values below KEY, as in an umbrella chart's values."
)
@click.option("--user", metavar="NAME", help="Show only whether NAME may log in, and why.")
@click.option(
    "--groups",
    metavar="A,B",
    help="Groups, organizations and teams of --user at the identity provider; '' for none.",
)
def check(
    files: tuple[Path, ...], sets: tuple[str, ...], form: str, static: bool, run_anyway: bool,
    at: str | None, user: str | None, groups: str | None,
) -> None:  # fmt: skip
    """Find mistakes in values files, without a cluster. FILE is the same as -f FILE.

    Exits 0 without errors, 1 with errors, 2 if the check could not run. With --user: 0 if the
    user may log in, 1 if not, 2 if that cannot be determined.
    """
    try:
        if user is not None:
            known = None if groups is None else options.groups(groups)
            with progress("Asking the authenticator …"):
                answer = login.ask(files, sets, user, known, run_anyway=run_anyway)
            click.echo(printable(login.FORMATS.get(form, login.text)(answer)), nl=False)
            sys.exit({True: 0, False: 1}.get(answer["allowed"], options.COULD_NOT_RUN))
        with progress("Checking the values …"):
            report = make_report(files, sets, run=not static, run_anyway=run_anyway, at=at)
    except NotIsolated as error:
        options.report(f"z2jh check: the configuration {error}")
        sys.exit(options.COULD_NOT_RUN)
    except (CannotRead, SetError, ConfigError, Stopped, OSError) as error:
        options.report(f"z2jh check: {error}")
        sys.exit(options.COULD_NOT_RUN)
    except Exception:
        # a bug in the check must not look like a mistake in the file
        traceback.print_exc()
        sys.exit(options.COULD_NOT_RUN)
    options.exit_with(report, form, check_formats.FORMATS)
