"""`z2jh doctor`: examine a release on a live cluster."""

from __future__ import annotations

import logging
import sys
import traceback

import click

from ..chores import ChoreError
from ..chores.running import Stopped, run
from ..doctor import formats
from ..doctor.examine import examine_release
from ..doctor.findings import visible
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
@options.form
def command(namespace: str | None, release: str | None, form: str) -> None:
    """Find out what is wrong with a release on a live cluster, and how to fix it.

    Reads the objects of the namespace, and nodes and storage classes if permitted. Changes
    nothing. What cannot be read is listed as not examined.

    Exits 0 without errors, 1 with errors, 2 if the cluster or the release could not be examined.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        report = run(examine_release(namespace, release))
    except ChoreError as error:
        click.echo(f"z2jh doctor: {visible(str(error))}", err=True)
        sys.exit(STOPPED if isinstance(error, Stopped) else options.COULD_NOT_RUN)
    except Exception:
        # a bug in the doctor must not look like a problem of the release
        traceback.print_exc()
        sys.exit(options.COULD_NOT_RUN)
    options.exit_with(report, form, formats.FORMATS)
