"""Servers that fail early and say why: what a spawner does while a pod starts.

`ReadableFailures` looks at the pod and its events while they come, and ends a start that cannot
succeed; `failures` knows the causes.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from html import escape
from typing import Any

import aiohttp
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import maybe_future
from kubernetes_asyncio.client.exceptions import ApiException
from kubespawner import KubeSpawner
from traitlets import Dict

from .failures import Fact, Failure, Found, facts_of, find
from .failures.custom import catalogue

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks at the pod
TIMEOUT_MARGIN = 2.0  # seconds before JupyterHub's own timeout, whose message says nothing
# Kubernetes' answers after which the same question may be answered otherwise
PASSING = frozenset({429, 500, 502, 503, 504})
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


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


class Refused(Exception):
    """The hub itself does not go on with a start; `fact` says why, for the catalogue."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(f"{fact.reason}: {fact.message}")
        self.fact = fact


class FailureWatch:
    """What a start looks like, from one look to the next; `clock` is in seconds."""

    def __init__(self, catalogue: Iterable[Failure], clock: Callable[[], float]) -> None:
        self.current: Found | None = None
        self._catalogue = tuple(catalogue)
        self._clock = clock
        self._since: dict[str, float] = {}

    def look(self, facts: list[Fact]) -> Found | None:
        """The cause for which to give up now, if there is one."""
        found = self.current = find(self._catalogue, facts)
        if found is None:
            return None
        since = self._since.setdefault(found.failure.id, self._clock())
        return found if self._clock() - since >= found.failure.wait else None


class ReadableFailures(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose starts fail early and say why."""

    failures = Dict(
        config=True,
        help="Changes to the causes that are known, as in the values' custom.failures "
        "(see z2jh_hub.failures.custom).",
    )
    _failure_watch: FailureWatch | None = None
    _earlier_pod: str | None = None
    #: what Kubernetes said when it was last asked in vain, and will be asked again
    _unanswered: Fact | None = None

    def start(self) -> asyncio.Future[Any]:
        """Start the server; StartFailed as soon as it is known that it will not."""
        self._earlier_pod = _uid(self._pod_now())
        self._unanswered = None
        # both begin together: who is refused at once is told at once, as by KubeSpawner alone
        starting = asyncio.ensure_future(maybe_future(super().start()))
        starting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.ensure_future(self._watched(starting))

    @property
    def catalogue(self) -> tuple[Failure, ...]:
        """The causes that are looked for."""
        return catalogue(self.failures)

    async def _watched(self, starting: asyncio.Future[Any]) -> Any:
        if starting.done():
            return starting.result()
        loop = asyncio.get_running_loop()
        self._failure_watch = FailureWatch(self.catalogue, loop.time)
        watching = asyncio.ensure_future(self._await_failure(loop.time() + self.start_timeout))
        try:
            await asyncio.wait({starting, watching}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                return starting.result()
            raise self._cannot_start(watching.result())
        except Exception as error:
            fact = refusal(error)
            found = find(self.catalogue, [fact]) if fact else None
            if found is None:
                raise
            raise self._cannot_start(found) from error
        finally:
            for task in (starting, watching, self._start_future):
                if task is not None and not task.done():
                    task.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            self._failure_watch = None

    def _cannot_start(self, found: Found) -> StartFailed:
        """What is raised for a cause."""
        return StartFailed(found)

    async def _await_failure(self, deadline: float) -> Found:
        """The cause for which to give up, once there is one."""
        watch, loop = self._failure_watch, asyncio.get_running_loop()
        assert watch is not None
        margin = min(TIMEOUT_MARGIN, self.start_timeout / 10)
        while True:
            await asyncio.sleep(LOOK)
            pod = self._pod_now()
            if pod is None or _uid(pod) == self._earlier_pod:
                if found := watch.look([self._unanswered] if self._unanswered else []):
                    return found
                continue
            events = [event for event in self.events if _is_about(event, pod)]
            if found := watch.look(facts_of(pod, events)):
                return found
            if loop.time() >= deadline - margin:
                last = events[-1] if events else {}
                fact = Fact("timeout", last.get("reason") or "", last.get("message") or "")
                if found := watch.current or find(self.catalogue, [fact]):
                    return found

    def _held_up(self) -> Found | None:
        """What keeps the server from starting at the moment."""
        return self._failure_watch.current if self._failure_watch else None

    def _pod_now(self) -> Any:
        """The pod as it was last seen; None where there is none."""
        reflector = self.pod_reflector
        return reflector and reflector.pods.get(f"{self.namespace}/{self.pod_name}")

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """KubeSpawner's progress; where the start is held up, that is said last, in words."""
        told = ""
        async with aclosing(super().progress()) as events:
            waiting: asyncio.Future[Any] | None = None
            try:
                while True:
                    waiting = waiting or asyncio.ensure_future(anext(events))
                    await asyncio.wait({waiting}, timeout=LOOK)
                    if waiting.done():
                        event, waiting = waiting.result(), None
                        yield event
                        told = ""
                    current = self._held_up()
                    message = current.waiting_message() if current else ""
                    if current and message != told:
                        yield {"message": message, "failure": current.failure.id}
                    told = message
            except StopAsyncIteration:
                return
            finally:
                if waiting is not None and not waiting.done():
                    waiting.cancel()
                    with suppress(asyncio.CancelledError, StopAsyncIteration):
                        await waiting


def refusal(error: BaseException) -> Fact | None:
    """Why there will be no pod, if that is what `error` says."""
    if isinstance(error, Refused):
        return error.fact
    if isinstance(error, aiohttp.ClientError):
        return Fact("refused", "0", str(error))
    if not isinstance(error, ApiException):
        return None
    try:
        said = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        said = error.reason or ""
    return Fact("refused", str(error.status), str(said))


async def answered(response: Any) -> Any:
    """The JSON of an answer that was asked for without models. Raises ApiException, as with them.

    With `_preload_content=False` the client leaves it to the caller to look at the status.
    """
    text = await response.text()
    if response.status >= 400:
        error = ApiException(status=response.status, reason=response.reason)
        error.body = text
        raise error
    return json.loads(text)


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, ApiException):
        return error.status in PASSING
    return isinstance(error, UNREACHABLE)


def _uid(pod: Any) -> str | None:
    return pod["metadata"]["uid"] if pod else None


def _is_about(event: Any, pod: Any) -> bool:
    return bool(event["involvedObject"].get("uid") == _uid(pod))
