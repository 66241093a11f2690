"""Injected faults (see faults.py), as a container meets them."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from z2jh_hub.local.container import Container

#: these keep a container from being created: what comes after the first try
PULL_FAULTS = {"ErrImagePull": "ImagePullBackOff"}
CRASHES = ("CrashLoop", "CrashLoopBackOff", "Error")
OOM, EVICTED = "OOMKilled", "Evicted"


async def past_faults(container: "Container") -> str | None:
    """Wait as long as a fault keeps the image away; then any other fault there is.

    Any reason that is not one of those above keeps the container waiting with that reason.
    """
    pod, image = container.pod, container.status.image
    fault = pod.take_fault() if container.main else None
    while fault is not None and fault not in (*CRASHES, OOM, EVICTED):
        after = PULL_FAULTS.get(fault, fault)
        if not container.status.waits_for(after):
            pod.warning("Failed", f'"{image}": {fault} (injected)')
            container.wait(fault, "injected")
        pod.warning("Failed", f"Error: {fault}")
        await asyncio.sleep(pod.context.timing.retry)
        if after != fault:
            pod.normal("BackOff", f'Back-off pulling image "{image}"')
            container.wait(after, f'Back-off pulling image "{image}"')
        fault = pod.take_fault()
    return fault
