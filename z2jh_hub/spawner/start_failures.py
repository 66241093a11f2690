"""Servers that fail early and say why: what a spawner does while a pod starts.

`ReadableFailures` looks at the pod and its events while they come, and ends a start that cannot
succeed; `failures` knows the causes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from html import escape
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.utils import maybe_future, url_path_join
from kubespawner import KubeSpawner
from traitlets import Dict

from ..failures import Fact, Failure, Found, facts_of, find
from ..failures.custom import catalogue
from ..failures.tracker import FailureWatch
from .kubernetes_api import Refused, answers, refusal
from .ticking import ticking

log = logging.getLogger(__name__)

PUT_AWAY = 10.0  # seconds for which a start that failed is still shown as one, at most
LOOK = 0.5  # seconds between two looks at the pod
TIMEOUT_MARGIN = 2.0  # seconds before JupyterHub's own timeout, whose message says nothing


class StartFailed(SpawnException):  # type: ignore[misc]
    """A start that failed for a cause that is known.

    JupyterHub shows its message on the spawn page and in the REST API, logs the rest, and does not
    count it towards `consecutive_failure_limit`: the hub itself is well.
    """

    def __init__(self, found: Found, offer: str = "", offer_html: str = "") -> None:
        """`offer` says what else there is to do; `offer_html` the same, where HTML is shown."""
        message = f"{found.user_message()} {offer}".strip()
        status = 503 if found.failure.wait else 500
        super().__init__(
            message, reason=found.failure.id, log_message=found.log_message(), status_code=status
        )
        self.jupyterhub_message = message
        if offer_html:
            self.jupyterhub_html_message = f"{escape(found.user_message())} {offer_html}"
        self.found = found


class ReadableFailures(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose starts fail early and say why."""

    failures = Dict(
        config=True,
        help="Changes to the causes that are known, as in the values' hub.failures "
        "(see z2jh_hub.failures.custom).",
    )
    _failure_watch: FailureWatch | None = None
    #: why this start failed
    _given_up: Found | None = None
    _earlier_pod: str | None = None
    #: what Kubernetes said when it was last asked in vain, and will be asked again
    _unanswered: Fact | None = None
    #: what is known besides the pod and its events
    _further: tuple[Fact, ...] = ()

    def start(self) -> asyncio.Future[Any]:
        """Start the server; StartFailed as soon as it is known that it will not."""
        self._earlier_pod = _uid(self._pod_now())
        self._unanswered = self._given_up = None
        self._further = ()
        # both begin together: who is refused at once is told at once, as by KubeSpawner alone
        starting = asyncio.ensure_future(maybe_future(super().start()))
        starting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.ensure_future(self._watched(starting))

    @property
    def catalogue(self) -> tuple[Failure, ...]:
        """The causes that are looked for."""
        return catalogue(self.failures)

    async def get_pod_manifest(self) -> Any:
        pod = await super().get_pod_manifest()
        keep_last_words(pod)
        return pod

    async def _watched(self, starting: asyncio.Future[Any]) -> Any:
        deadline = asyncio.get_running_loop().time() + self.start_timeout
        try:
            if starting.done():
                return starting.result()
            return await self._up_or_given_up(starting, deadline)
        except Exception as error:
            found = self._given_up = self._given_up or self._cause(error, deadline)
            if found is None:
                raise
            await self._put_away(deadline - self._margin / 2)
            raise self._cannot_start(found) from error

    async def _up_or_given_up(self, starting: asyncio.Future[Any], deadline: float) -> Any:
        """What KubeSpawner's `start` gives once the server is up; raises what ended it before."""
        self._failure_watch = FailureWatch(self.catalogue, asyncio.get_running_loop().time)
        up = asyncio.ensure_future(self._up(starting, deadline))
        watching = asyncio.ensure_future(self._await_failure(deadline - self._margin))
        try:
            await asyncio.wait({up, watching}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                return up.result()
            self._given_up = watching.result()
            raise Refused(self._given_up.fact)
        finally:
            for task in (up, starting, watching, self._start_future):
                if task is not None and not task.done():
                    task.cancel()
            await asyncio.gather(up, watching, return_exceptions=True)
            self._failure_watch = None

    def _cause(self, error: Exception, deadline: float) -> Found | None:
        """Why the start ended with an error, if that is known."""
        # KubeSpawner's own timeout says nothing, and may be a moment earlier than ours
        late = asyncio.get_running_loop().time() >= deadline - 2 * self._margin
        if late and isinstance(error, TimeoutError):
            return self._out_of_time()
        fact = refusal(error)
        return find(self.catalogue, [fact]) if fact else None

    async def _put_away(self, deadline: float) -> None:
        """Delete the pod while JupyterHub still shows the start, with what `progress` says of it.

        JupyterHub does it too, but has no answer then (400) for a page that only begins to ask how
        the start goes: that one would wait for ever. After some seconds all pages have asked.
        """
        patience = min(PUT_AWAY, deadline - asyncio.get_running_loop().time())
        if patience <= 0 or self._own_pod() is None:
            return
        with suppress(Exception):  # JupyterHub tries again, and logs what is in the way
            await asyncio.wait_for(self.stop(), patience)

    def _cannot_start(self, found: Found) -> StartFailed:
        """What is raised for a cause."""
        return StartFailed(found)

    async def _await_failure(self, deadline: float) -> Found:
        """The cause for which to give up, once there is one."""
        watch, loop = self._failure_watch, asyncio.get_running_loop()
        assert watch is not None
        while True:
            await asyncio.sleep(LOOK)
            await self._look_further()
            if found := self._look(watch):
                return found
            if loop.time() >= deadline and (found := self._out_of_time()):
                return found

    def _out_of_time(self) -> Found | None:
        """Why the start takes for longer than it may."""
        last = (self._pod_events() or [{}])[-1]
        fact = Fact("timeout", last.get("reason") or "", last.get("message") or "")
        return find(self.catalogue, self._facts()) or find(self.catalogue, [fact])

    @property
    def _margin(self) -> float:
        return min(TIMEOUT_MARGIN, float(self.start_timeout) / 10)

    async def _up(self, starting: asyncio.Future[Any], deadline: float) -> Any:
        """What KubeSpawner's `start` gives, once the server answers there."""
        url = await starting
        await self._await_answer(url, deadline)
        return url

    async def _await_answer(self, url: Any, deadline: float) -> None:
        """Until the server at `url` answers, while the pod is still watched.

        A container runs before its server answers, and for Kubernetes that is all. A server that
        ends at once, as in a home that is full, would be waited for by JupyterHub alone, which
        does not look at pods. Raises Refused after `http_timeout`; where the start timeout is over
        before that, the rest is JupyterHub's.
        """
        if not isinstance(url, str) or not self.server:
            return
        loop = asyncio.get_running_loop()
        patience = loop.time() + self.http_timeout
        place = url_path_join(url, self.server.base_url, "api")
        while loop.time() < deadline - 2 * self._margin and not await answers(place):
            if loop.time() >= patience:
                raise Refused(Fact("timeout", "NoAnswer", f"nothing answers at {url}"))
            await asyncio.sleep(LOOK)

    async def _look_further(self) -> None:
        """Ask Kubernetes for what the watches of pods and events do not tell (`_further`)."""

    def _look(self, watch: FailureWatch) -> Found | None:
        """The cause for which to give up now; what holds the start up is `watch.current`."""
        return watch.look(self._facts())

    def _facts(self) -> list[Fact]:
        """What Kubernetes says of this start now."""
        pod = self._own_pod()
        if pod is None:
            return [self._unanswered] if self._unanswered else []
        return [*self._further, *facts_of(pod, self._pod_events())]

    def _held_up(self) -> Found | None:
        """What keeps the server from starting at the moment."""
        if watch := self._failure_watch:
            self._look(watch)
        return watch.current if watch else None

    def _pod_events(self) -> list[Any]:
        """The events of the pod of this start."""
        uid = _uid(self._pod_now())
        return [event for event in self.events if event["involvedObject"].get("uid") == uid]

    def _own_pod(self) -> Any:
        """The pod of this start; None as long as there is none."""
        pod = self._pod_now()
        return None if _uid(pod) == self._earlier_pod else pod

    def _pod_now(self) -> Any:
        """The pod as it was last seen; None where there is none."""
        reflector = self.pod_reflector
        return reflector and reflector.pods.get(f"{self.namespace}/{self.pod_name}")

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """KubeSpawner's progress; where the start is held up, that is said last, in words.

        A start that failed says why at once: JupyterHub itself waits until the pod has gone.
        """
        told = ""
        events = ticking(super().progress(), LOOK, lambda: self._failure_watch is not None)
        async with aclosing(events):
            async for event in events:
                if event:
                    yield event
                    told = ""
                current = self._held_up()
                message = current.waiting_message() if current else ""
                if current and message != told:
                    yield {"message": message, "failure": current.failure.id}
                told = message
        if found := self._given_up:
            yield {"message": found.user_message(), "failure": found.failure.id}


def keep_last_words(pod: Any) -> None:
    """Have Kubernetes keep what a container that fails said last, where nothing else is set.

    It is why, and most causes are told nowhere else.
    """
    for container in [*(pod.spec.init_containers or []), *pod.spec.containers]:
        if container.termination_message_policy is None:
            container.termination_message_policy = "FallbackToLogsOnError"


def _uid(pod: Any) -> str | None:
    return pod["metadata"]["uid"] if pod else None
