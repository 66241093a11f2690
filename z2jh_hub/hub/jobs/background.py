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

# asyncio keeps only weak references to tasks
_running: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class Job:
    """A periodic job: `step(hub)` is awaited every `seconds`, starting when the hub is up.

    Exceptions of `step` are logged. `begin(hub)` is called once, before the first step.
    """

    name: str
    seconds: float
    step: Callable[[JupyterHub], Awaitable[None]]
    begin: Callable[[JupyterHub], None] | None = None


def start(*jobs: Job) -> None:
    """Register jobs of the hub that is being configured.

    Do nothing if no event loop is running, or if the process does not start a hub
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
            log.exception("The hub's job %r failed; it will be retried", job.name)
        await asyncio.sleep(job.seconds)


async def _started() -> JupyterHub | None:
    """Wait until the hub is up, and return it; None if this process does not start a hub."""
    # imported here: this module is also imported where JupyterHub is not installed
    from jupyterhub.app import JupyterHub

    if not JupyterHub.initialized():
        return None
    hub = JupyterHub.instance()
    # JupyterHub 5 sets it when it starts, but not in a subcommand; there is no public attribute
    up = getattr(hub, "_start_future", None)
    if up is None:
        return None
    await asyncio.shield(up)
    return hub
