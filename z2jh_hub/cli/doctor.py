"""`z2jh doctor`: examine a release on a live cluster."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

import click

from ..chores import ChoreError
from ..chores.running import Stopped, run
from ..doctor import bundle, formats
from ..doctor.examine import examine_release
from ..doctor.findings import Report, visible
from ..doctor.snapshot import Snapshot
from ..sandbox.pods.names import LABEL_WORDS, is_dns_label
from . import options
from .chores import STOPPED


def _valid(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """Return the name of a namespace. Raises BadParameter if Kubernetes allows no such name."""
    if name is not None and not is_dns_label(name):
        raise click.BadParameter(f"the name of a namespace is {LABEL_WORDS}")
    return name


@click.command("doctor")
@click.option(
    "-n", "--namespace", metavar="NAME", callback=_valid,
    help="Namespace of the release. Default: that of this pod or of the kubeconfig's context.",
)  # fmt: skip
@click.option("--release", metavar="NAME", help="The release, if the namespace has more than one.")
@click.option(
    "--bundle", "archive", metavar="FILE", type=click.Path(path_type=Path),
    help="Write an archive for support (.tar.gz) without secrets, after confirmation.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Write the archive without confirmation.")
@options.form
def command(
    namespace: str | None, release: str | None, archive: Path | None, yes: bool, form: str
) -> None:
    """Find out what is wrong with a release on a live cluster, and how to fix it.

    Reads the objects of the namespace, and nodes and storage classes if permitted. Changes
    nothing. What cannot be read is listed as not examined.

    Exits 0 without errors, 1 with errors, 2 if the cluster or the release could not be examined.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        if archive:
            bundle.check_new(archive)
            if not yes and not sys.stdin.isatty():
                raise ChoreError("--bundle asks for confirmation; use --yes without a terminal")
        report, snapshot = run(examine_release(namespace, release))
        options.show(report, form, formats.FORMATS)
        if archive:
            _bundle(archive, report, snapshot, yes)
    except ChoreError as error:
        click.echo(f"z2jh doctor: {visible(str(error))}", err=True)
        sys.exit(STOPPED if isinstance(error, Stopped) else options.COULD_NOT_RUN)
    except Exception:
        # a bug in the doctor must not look like a problem of the release
        traceback.print_exc()
        sys.exit(options.COULD_NOT_RUN)
    sys.exit(1 if report.failed else 0)


def _bundle(archive: Path, report: Report, snapshot: Snapshot, yes: bool) -> None:
    """Write the archive, once its contents are confirmed. Raises ChoreError."""
    files = bundle.contents(report, snapshot)
    if yes or _confirmed(archive, files):
        bundle.write(archive, files, snapshot)
        click.echo(f"{archive} was written.", err=True)


def _confirmed(archive: Path, files: Mapping[str, bytes]) -> bool:
    """List the files of the archive, and return whether it may be written."""
    click.echo(f"{archive} will contain:\n", err=True)
    for name, data in files.items():
        click.echo(f"{len(data):>10} bytes  {visible(name)}", err=True)
    click.echo(f"\n{bundle.HIDES}", err=True)
    return click.confirm("Write it?", err=True)
