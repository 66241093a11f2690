"""`z2jh images`: wait until the images of user servers are pulled."""

from __future__ import annotations

import click

from ..chores import images as chore
from ..chores.kubernetes import Kubernetes
from ..chores.running import run
from .chores import reports_chore_errors


@click.group("images")
def images() -> None:
    """Manage the images of user servers on the nodes."""


@images.command("await")
@click.option(
    "--daemonset", required=True, help="Name of the DaemonSet whose pods pull the images."
)
@click.option(
    "--timeout", type=float, default=0, show_default=True, metavar="SECONDS",
    help="Maximum time to wait. 0 means no limit.",
)  # fmt: skip
@click.option(
    "--scheduling-wait", type=float, default=10, show_default=True, metavar="SECONDS",
    help="Maximum time to wait for pods that cannot be scheduled. -1 means no limit.",
)  # fmt: skip
@click.option(
    "--last", metavar="CONFIGMAP", help="ConfigMap with the checksum of the last release."
)
@click.option(
    "--checksum", default="", help="Checksum of the images. Do not wait if --last contains it."
)
@reports_chore_errors
def await_(
    daemonset: str, timeout: float, scheduling_wait: float, last: str | None, checksum: str
) -> None:
    """Wait until all images are pulled on every node where user servers may run.

    As a Helm hook, it delays the upgrade until then. Exits 0 when the images are pulled, 1 after
    the timeout or an error of Kubernetes, and 143 when it is stopped by a signal.
    """

    async def task() -> None:
        async with Kubernetes() as kubernetes:
            if last and await chore.unchanged(kubernetes, last, checksum):
                click.echo("the images have not changed since the last release")
                return
            await chore.wait(kubernetes, daemonset, timeout, scheduling_wait, report=click.echo)

    run(task())
