"""Continue a start when its pod changes, instead of looking for the change now and then.

Replaces `exponential_backoff` in KubeSpawner where a start waits for the pod that the reflector has
in memory: KubeSpawner looks at it after random times of up to five seconds. Here, the reflector
wakes the start. The condition, the deadline and the error are the same; requests to Kubernetes are
repeated as before. A start looks at its pod at least every `AT_LEAST` seconds, too.
"""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from ...spawner.waiting import pod_changes
from .originals import Original

REPLACES = (
    Original("jupyterhub.utils", "exponential_backoff", "bb1819fccec9"),
    Original("kubespawner.spawner:KubeSpawner", "_start", "e7ce3afffeb8"),
)

AT_LEAST = 5.0  # seconds; KubeSpawner's longest


def install() -> None:
    """Replace the function in KubeSpawner's module of the spawner."""
    from jupyterhub.utils import exponential_backoff
    from kubespawner import spawner

    async def until(condition: Callable[[], Any], message: str, *args: Any, **options: Any) -> Any:
        wait = pod_changes.get()
        if wait is None or isinstance(condition, partial) or args or options.keys() - {"timeout"}:
            return await exponential_backoff(condition, message, *args, **options)
        timeout = options.get("timeout", 10)
        loop = asyncio.get_running_loop()
        # as in the original, so that the deadlines of many starts differ
        deadline = loop.time() + random.uniform(0.9, 1.1) * timeout
        while True:
            result = condition()
            if inspect.isawaitable(result):
                result = await result
            if result:
                return result
            remaining = deadline - loop.time()
            if remaining < 0:
                raise TimeoutError(message)
            await wait(min(remaining, AT_LEAST))

    spawner.exponential_backoff = until
