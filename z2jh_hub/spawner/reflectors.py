"""KubeSpawner's reflectors, with their age, and restarted when they are stale.

A reflector keeps Kubernetes' objects in memory. KubeSpawner's gives up when listing them fails for
51 seconds, without an error that anyone sees, and its memory no longer changes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from kubernetes_asyncio.client.exceptions import ApiException
from prometheus_client import Counter, Gauge

from .shared_call import SharedCall
from .watched import Waiters, Watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = logging.getLogger(__name__)

# seconds without a complete list, in addition to the timeout of a watch, until a reflector is stale
STALE = 120.0
LIST_AGAIN = 60.0  # seconds for which a watch goes on where it ended, without a complete list
RESTART = 2.0  # seconds for which everyone who restarts a reflector shares one attempt

GONE = 200  # deleted objects whose last state is kept

AGE = Gauge("z2jh_watch_age_seconds", "Time since all objects were last listed", ["kind"])
RESTARTS = Counter("z2jh_watches_begun_again", "Stale reflectors that were restarted", ["kind"])


class Recorded(Watched):
    """The objects of a reflector, which records those that it removes."""

    def __init__(self, objects: Mapping[str, Any], waiters: Waiters, gone: dict[str, Any]) -> None:
        super().__init__(objects, waiters)
        self._gone = gone

    def pop(self, key: str, *default: Any) -> Any:
        """Remove an object; remember its last state."""
        if removed := self.get(key):
            self._gone[removed["metadata"]["uid"]] = removed
            for oldest in list(self._gone)[:-GONE]:
                del self._gone[oldest]
        return super().pop(key, *default)


class RestartableReflector:
    """Mixed into KubeSpawner's reflectors; `listed` is the time of the last complete list."""

    kind: str
    timeout_seconds: int
    resources: dict[str, Any]
    first_load_future: asyncio.Future[None]
    watch_task: asyncio.Task[None] | None
    _stopping: bool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_failure = None  # KubeSpawner's may end the hub; here, the reflector is restarted
        self.listed = time.monotonic()
        #: the last state of the objects that were deleted last, by uid
        self.gone: dict[str, Any] = {}
        self.waiters = Waiters()
        self._restart_call: SharedCall[None] = SharedCall(RESTART)
        AGE.labels(self.kind).set_function(partial(oldest_list, self.kind))
        RESTARTS.labels(self.kind)  # exported as 0 before the first restart

    async def _list_and_update(self, *resource_version: str | None) -> Any:
        """List all objects, unless a watch has just ended regularly and can go on where it was.

        KubeSpawner passes "0" when a watch begins, and after an error.
        """
        fresh = time.monotonic() - self.listed < LIST_AGAIN
        if fresh and resource_version and resource_version[0] not in (None, "0"):
            return resource_version[0]
        try:
            version = await super()._list_and_update(*resource_version)  # type: ignore[misc]
        except ApiException as error:
            # KubeSpawner raises it without a message
            error.reason = f"the hub cannot list {self.kind}: {error.reason}"
            raise
        objects = getattr(self, "resources", {})
        if self.kind == "pods":
            self.resources = Recorded(objects, self.waiters, self.gone)
        else:
            self.resources = Watched(objects, self.waiters)
        self.listed = time.monotonic()
        return version

    def is_stale(self, now: float) -> bool:
        """Return whether what the reflector has in memory may be out of date."""
        if not self.first_load_future.done():
            return False  # it is starting
        if self.watch_task is None or self.watch_task.done():
            return True
        return now - self.listed > STALE + self.timeout_seconds

    async def restart(self) -> None:
        """List all objects and watch them again. Concurrent callers share one attempt.

        Raises the error of the list; the objects in memory are then unchanged.
        """
        await self._restart_call.get(self._restart)

    async def _restart(self) -> None:
        log.error("The watch of %s is stale; restarting it", self.kind)
        await self.stop()  # type: ignore[attr-defined]
        self._stopping = False
        await self.start()  # type: ignore[attr-defined]
        RESTARTS.labels(self.kind).inc()


@cache
def restartable(reflector_class: type) -> type:
    """Return a subclass of a KubeSpawner reflector, of the same name, that can be restarted."""
    return type(reflector_class.__name__, (RestartableReflector, reflector_class), {})


def reflectors(kind: str = "") -> Iterator[RestartableReflector]:
    """Yield the reflectors of this hub: one of each kind, or one of each kind and namespace."""
    # KubeSpawner keeps them in this one place, whatever the spawner class is
    from kubespawner import KubeSpawner

    for reflector in list(KubeSpawner.reflectors.values()):
        if isinstance(reflector, RestartableReflector) and kind in ("", reflector.kind):
            yield reflector


def oldest_list(kind: str) -> float:
    """Return the seconds since the last list of the reflector that was listed least recently."""
    now = time.monotonic()
    return max((now - reflector.listed for reflector in reflectors(kind)), default=0.0)


def newest_pod_list() -> float:
    """Return the seconds since any pods were last listed; 0 if there is no reflector of pods."""
    now = time.monotonic()
    return min((now - reflector.listed for reflector in reflectors("pods")), default=0.0)
