"""User servers that fail early and report why.

`ReadableFailures` checks the pod and its events while a server starts, and ends a start that cannot
succeed. `Start` has the state of a start, and `failures` the known causes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from functools import cached_property
from html import escape
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.utils import maybe_future, url_path_join
from kubespawner import KubeSpawner
from traitlets import Dict

from ..failures import Diagnosis, Fact, Failure
from ..failures.custom import catalogue
from .idle_ticks import with_idle_ticks
from .kubernetes_api import Refused, answers
from .start import LOOK, Start
from .start_report import report, time_of
from .waiting import pod_changes

DELETE_TIMEOUT = 10.0  # seconds in which the pod of a failed start is deleted before we report it


class StartFailed(SpawnException):  # type: ignore[misc]
    """A start that failed for a known cause.

    JupyterHub shows its message on the spawn page and in the REST API, and logs the details. It
    does not count towards `consecutive_failure_limit`, because the hub itself works.
    """

    #: the link that starts a rescue server, if one may help
    rescue_url = ""

    def __init__(self, diagnosis: Diagnosis, offer: str = "", offer_html: str = "") -> None:
        """`offer` is what else the user can do; `offer_html` the same for the spawn page."""
        failure = diagnosis.failure
        message = f"{diagnosis.user_message()} {offer}".strip()
        status = 503 if failure.wait else 500
        super().__init__(
            message,
            reason=diagnosis.failure.id,
            log_message=diagnosis.log_message(),
            status_code=status,
        )
        self.jupyterhub_message = message
        if offer_html:
            self.jupyterhub_html_message = f"{escape(diagnosis.user_message())} {offer_html}"
        self.diagnosis = diagnosis


class ReadableFailures(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose starts fail early and report why."""

    failures = Dict(
        config=True,
        help="Changes to the known causes of failed starts, in the form of the value hub.failures.",
    )

    @cached_property
    def _current_start(self) -> Start:
        """The start that is under way or was the last one."""
        return Start.none()

    def start(self) -> asyncio.Future[Any]:
        """Start the server; raise StartFailed as soon as it is certain that it will not start."""
        self._current_start = Start(
            self.catalogue,
            self._current_pod,
            events=lambda: self.events,
            timeout=lambda: float(self.start_timeout),
        )
        # KubeSpawner starts now, not in the task below, so that a refusal is reported immediately
        with self._seeing_changes():
            starting = asyncio.ensure_future(maybe_future(super().start()))
        starting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.ensure_future(self._follow(starting))

    @contextmanager
    def _seeing_changes(self) -> Iterator[None]:
        """Have the tasks that begin here wait for changes of this server's pod."""
        token = pod_changes.set(self._pod_change)
        try:
            yield
        finally:
            pod_changes.reset(token)

    async def _pod_change(self, seconds: float) -> None:
        """Return when the pod of this server changes, or after `seconds`."""
        waiters = getattr(self.pod_reflector, "waiters", None)
        if waiters is None:
            await asyncio.sleep(min(seconds, LOOK))
        else:
            await waiters.wait(f"{self.namespace}/{self.pod_name}", seconds)

    @property
    def catalogue(self) -> tuple[Failure, ...]:
        """The known causes, with the administrator's changes."""
        return catalogue(self.failures)

    async def get_pod_manifest(self) -> Any:
        pod = await super().get_pod_manifest()
        keep_last_output(pod)
        return pod

    async def _follow(self, starting: asyncio.Future[Any]) -> Any:
        """Return what KubeSpawner's `start` returns; raise StartFailed for a known cause."""
        start = self._current_start
        try:
            if starting.done():  # it was refused at once, which is reported at once
                return starting.result()
            return await self._until_up_or_hopeless(starting)
        except Exception as error:
            start.record_failure()
            start.cause = start.cause or start.cause_of(error)
            if start.cause is None:
                raise
            await self._delete_failed_pod()
            raise self._start_failure(start.cause) from error

    async def _until_up_or_hopeless(self, starting: asyncio.Future[Any]) -> Any:
        start = self._current_start
        start.active = True
        up = asyncio.ensure_future(self._until_up(starting))
        hopeless = asyncio.ensure_future(start.until_hopeless(self._update_facts))
        try:
            await asyncio.wait({up, hopeless}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                return up.result()
            start.cause = hopeless.result()
            raise Refused(start.cause.fact)
        finally:
            for task in (up, starting, hopeless, self._start_future):
                if task is not None and not task.done():
                    task.cancel()
            await asyncio.gather(up, hopeless, return_exceptions=True)
            start.active = False

    async def _delete_failed_pod(self) -> None:
        """Delete the pod while JupyterHub still shows the start, and `progress` with its cause.

        JupyterHub would delete it too, but answers 400 meanwhile to a page that asks for the
        progress for the first time, and that page would wait forever.
        """
        start = self._current_start
        timeout = min(DELETE_TIMEOUT, start.time_left() - start.margin / 2)
        if timeout <= 0 or start.own_pod() is None:
            return
        with suppress(Exception):  # JupyterHub tries again, and logs the error
            await asyncio.wait_for(self.stop(), timeout)

    def _start_failure(self, diagnosis: Diagnosis) -> StartFailed:
        """Return the exception that reports a cause."""
        return StartFailed(diagnosis)

    async def _until_up(self, starting: asyncio.Future[Any]) -> Any:
        """Return what KubeSpawner's `start` returns, once the server answers."""
        url = await starting
        await self._until_reachable(url)
        return url

    async def _until_reachable(self, url: Any) -> None:
        """Wait until the server at `url` answers, while the pod is still checked.

        For Kubernetes, a pod is running before the server in it answers. JupyterHub waits for an
        answer too, but does not notice that the container ends, as it does if the disk is full.
        Raises Refused after `http_timeout`. Returns shortly before the start timeout.
        """
        if not isinstance(url, str) or not self.server:
            return
        start, loop = self._current_start, asyncio.get_running_loop()
        give_up_at = loop.time() + self.http_timeout
        endpoint = url_path_join(url, self.server.base_url, "api")
        while start.time_left() > 2 * start.margin and not await answers(endpoint):
            if loop.time() >= give_up_at:
                raise Refused(Fact("timeout", "NoAnswer", f"nothing answers at {url}"))
            await asyncio.sleep(LOOK)

    async def _update_facts(self) -> None:
        """Record facts about the current start that the reflectors do not have."""

    def _current_pod(self) -> Any:
        """Return the pod of this server as it was last seen, or None if there is none."""
        reflector = self.pod_reflector
        return reflector and reflector.pods.get(f"{self.namespace}/{self.pod_name}")

    # For the pages

    @property
    def current_pod(self) -> Any:
        """The pod of this server as it was last seen, or None if there is none."""
        return self._current_pod()

    @property
    def start_seconds(self) -> int:
        """Seconds since the start that is under way began; 0 if there is none."""
        return int(self._current_start.elapsed()) if self._current_start.active else 0

    @property
    def failed_start(self) -> Failure | None:
        """The known cause why the last start failed."""
        cause = self._current_start.cause
        return cause.failure if cause else None

    def start_report(self, error: Exception) -> str:
        """Return what an administrator needs to know about the start that failed with `error`."""
        failed_at = getattr(error, "failed_at", None)
        return report(
            {
                "Cause": getattr(error, "reason", None) or type(error).__name__,
                "Time": time_of(failed_at) if failed_at else "",
                "User": self.user.name,
                "Server": self.name or "default",
                "Profile": str((self.user_options or {}).get("profile") or ""),
                "Pod": f"{self.namespace}/{self.pod_name}",
            },
            self._current_start.last_events,
        )

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Yield KubeSpawner's events, each followed by the cause that holds the start up.

        A failed start yields its cause at once; JupyterHub alone would first delete the pod.
        """
        reported = ""
        # JupyterHub may ask for the progress before it calls `start`
        events = with_idle_ticks(super().progress(), LOOK, lambda: self._current_start.active)
        async with aclosing(events):
            async for event in events:
                if event:
                    yield event
                    reported = ""
                current = self._current_start.held_up_by()
                waits_for = current.failure.id if current else ""
                if current and waits_for != reported:
                    yield waiting_event(current, self._current_start.waiting_left())
                reported = waits_for
        if cause := self._current_start.cause:
            yield {"message": cause.user_message(), "failure": cause.failure.id}


def waiting_event(cause: Diagnosis, seconds: float) -> dict[str, Any]:
    """Return an event of the progress: what the start waits for, and until when at most.

    `until` is a Unix time, which a page can show in the user's time zone after `waiting`.
    """
    event: dict[str, Any] = {"message": cause.waiting_message(seconds), "failure": cause.failure.id}
    if seconds:
        event |= {"waiting": cause.waiting_message(), "until": time.time() + seconds}
    return event


def keep_last_output(pod: Any) -> None:
    """Have Kubernetes keep the last output of containers that fail, unless configured otherwise.

    For most causes, it is the only place where they are reported.
    """
    for container in [*(pod.spec.init_containers or []), *pod.spec.containers]:
        if container.termination_message_policy is None:
            container.termination_message_policy = "FallbackToLogsOnError"
