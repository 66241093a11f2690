"""Run periodic jobs in a hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

# a task nobody holds may be collected while it waits
_running: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class Job:
    """`step(hub)` is awaited each `seconds`, first when the hub is up; what it raises is logged.

    `begin(hub)` is called once, before the first.
    """

    name: str
    seconds: float
    step: Callable[[JupyterHub], Awaitable[None]]
    begin: Callable[[JupyterHub], None] | None = None


def start(*jobs: Job) -> None:
    """Register jobs of the hub that is being configured.

    Nothing where no event loop runs, or what runs in it is not a hub that starts
    (`jupyterhub upgrade-db` reads the configuration too).
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    for job in jobs:
        task = loop.create_task(_do(job), name=job.name)
        _running.add(task)
        task.add_done_callback(_running.discard)


async def _do(job: Job) -> None:
    hub = await _started()
    if hub and job.begin:
        job.begin(hub)
    while hub:
        try:
            await job.step(hub)
        except Exception:
            log.exception("The hub's job %r failed; it is tried again", job.name)
        await asyncio.sleep(job.seconds)


async def _started() -> JupyterHub | None:
    """Return the hub once it is up."""
    # this module is imported where there may be no JupyterHub
    from jupyterhub.app import JupyterHub

    if not JupyterHub.initialized():
        return None
    hub = JupyterHub.instance()
    # JupyterHub 5's own sign of having started, which a subcommand has not; it has no public one
    up = getattr(hub, "_start_future", None)
    if up is None:
        return None
    await asyncio.shield(up)
    return hub
