"""Injected faults (see faults.py), as a container meets them."""

import asyncio
from typing import TYPE_CHECKING

from ..faults import PodFailure

if TYPE_CHECKING:
    from .container import Container

#: these keep a container from being created: what comes after the first try
PULL_FAULTS = {"ErrImagePull": "ImagePullBackOff"}
CRASHES = ("CrashLoop", "CrashLoopBackOff", "Error")
OOM, EVICTED = "OOMKilled", "Evicted"


async def past_faults(container: "Container") -> PodFailure | None:
    """Wait as long as a fault keeps the image away; then any other fault there is.

    Any reason that is not one of those above keeps the container waiting with that reason.
    """
    pod, image = container.pod, container.status.image
    fault = pod.take_fault() if container.main else None
    while fault is not None and fault.reason not in (*CRASHES, OOM, EVICTED):
        reason, message = fault
        after = PULL_FAULTS.get(reason, reason)
        if not container.status.waits_for(after):
            failed = "Failed to pull image" if after != reason else "Failed to start image"
            pod.warning("Failed", f'{failed} "{image}": {message}')
            container.wait(reason, message)
        pod.warning("Failed", f"Error: {reason}")
        await asyncio.sleep(pod.context.timing.retry)
        if after != reason:
            pod.normal("BackOff", f'Back-off pulling image "{image}"')
            container.wait(after, f'Back-off pulling image "{image}"')
        fault = pod.take_fault()
    return fault
