"""Injected faults (see faults.py) that affect a container."""

import asyncio
from collections.abc import Callable

from ..faults import PodFailure
from .host import Host
from .pod_status import ContainerStatus

#: faults that prevent a container from being created, with the reason after the first attempt
PULL_FAULTS = {"ErrImagePull": "ImagePullBackOff"}
CRASHES = ("CrashLoop", "CrashLoopBackOff", "Error")
OOM, EVICTED = "OOMKilled", "Evicted"


async def past_faults(
    pod: Host, status: ContainerStatus, wait: Callable[[str, str], None]
) -> PodFailure | None:
    """Wait while a fault prevents the start, then return the fault of the running container.

    A reason that is not one of the above keeps the container waiting with that reason; `wait`
    publishes the reason and a message.
    """
    fault, image = pod.take_fault(), status.image
    while fault is not None and fault.reason not in (*CRASHES, OOM, EVICTED):
        reason, message = fault
        after = PULL_FAULTS.get(reason, reason)
        if not status.waits_for(after):
            failed = "Failed to pull image" if after != reason else "Failed to start image"
            pod.warning("Failed", f'{failed} "{image}": {message}')
            wait(reason, message)
        pod.warning("Failed", f"Error: {reason}")
        await asyncio.sleep(pod.context.timing.retry)
        if after != reason:
            pod.normal("BackOff", f'Back-off pulling image "{image}"')
            wait(after, f'Back-off pulling image "{image}"')
        fault = pod.take_fault()
    return fault
