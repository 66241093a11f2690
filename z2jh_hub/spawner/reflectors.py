"""Watches that tell their age, and can be begun again.

KubeSpawner's reflectors keep in memory what Kubernetes has. One whose list fails for 51 seconds
gives up without a word to anybody, and its memory freezes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from kubernetes_asyncio.client.exceptions import ApiException
from prometheus_client import Counter, Gauge

from .shared_call import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

STALE = 120.0  # seconds without a whole list, beyond the time a watch takes, after which it stands
AGAIN = 2.0  # seconds for which a failed try is the answer to whoever asks for another

AGE = Gauge("z2jh_watch_age_seconds", "Time since all objects were last listed", ["kind"])
BEGUN_AGAIN = Counter("z2jh_watches_begun_again", "Watches that had stood still", ["kind"])


class Watch:
    """What is added to a KubeSpawner reflector. `listed`: when all was last listed (monotonic)."""

    kind: str
    timeout_seconds: int
    first_load_future: asyncio.Future[None]
    watch_task: asyncio.Task[None] | None
    _stopping: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_failure = None  # KubeSpawner may want to end the hub; it is begun again instead
        self.listed = time.monotonic()
        self._again: Shared[None] = Shared(AGAIN)
        AGE.labels(self.kind).set_function(partial(oldest, self.kind))
        BEGUN_AGAIN.labels(self.kind)  # shown from the first, as 0

    async def _list_and_update(self, *args: Any, **kwargs: Any) -> Any:
        try:
            version = await super()._list_and_update(*args, **kwargs)  # type: ignore[misc]
        except ApiException as error:
            # KubeSpawner raises it without Kubernetes' own words
            error.reason = f"the hub cannot list {self.kind}: {error.reason}"
            raise
        self.listed = time.monotonic()
        return version

    def stands_still(self, now: float) -> bool:
        """Whether what it tells is not to be believed (any more)."""
        if not self.first_load_future.done():
            return False  # it is only just beginning
        if self.watch_task is None or self.watch_task.done():
            return True
        return now - self.listed > STALE + self.timeout_seconds

    async def begin_again(self) -> None:
        """List everything and watch on from there; those who ask meanwhile share one try.

        Raises what the list raised; what is in memory stays as it was then.
        """
        await self._again.get(self._begin_again)

    async def _begin_again(self) -> None:
        log.error("The watch of %s stands still; it is begun again", self.kind)
        await self.stop()  # type: ignore[attr-defined]
        self._stopping = False
        await self.start()  # type: ignore[attr-defined]
        BEGUN_AGAIN.labels(self.kind).inc()


@cache
def watched(reflector_class: type) -> type:
    """A KubeSpawner reflector class that is a `Watch`, under its own name."""
    return type(reflector_class.__name__, (Watch, reflector_class), {})


def watches(kind: str = "") -> Iterator[Watch]:
    """The watches of this hub, of pods and of events: one of each, or one for each namespace."""
    # the one place where KubeSpawner keeps them, whichever class spawns
    from kubespawner import KubeSpawner

    for reflector in list(KubeSpawner.reflectors.values()):
        if isinstance(reflector, Watch) and kind in ("", reflector.kind):
            yield reflector


def oldest(kind: str) -> float:
    """Seconds since the last whole list of the watch that has waited for the longest."""
    now = time.monotonic()
    return max((now - watch.listed for watch in watches(kind)), default=0.0)


def unseen() -> float:
    """Seconds for which none of the pods could be seen; 0 where none was looked for yet."""
    now = time.monotonic()
    return min((now - watch.listed for watch in watches("pods")), default=0.0)
