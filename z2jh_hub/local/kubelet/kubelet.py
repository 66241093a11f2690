"""The kubelet of local mode: runs the pods of the store as processes."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from ..objects.resources import NODES, PODS, Resource
from ..objects.status import bad_request, not_found
from ..runtime import ExecSession
from ..state import read_json
from . import execs, logs, processes
from .addresses import give_ports
from .claims import Claims
from .container import Container
from .context import Context
from .node import NODE, node_object
from .pod import Pod

log = logging.getLogger(__name__)


class Life(Protocol):
    """A pod that the kubelet runs: a real one (pod.py) or a fake one (fake.py)."""

    uid: str
    object: dict[str, Any]

    def start(self) -> None: ...
    def stop(self, grace: float, *, remove: bool = True) -> asyncio.Task[None]: ...
    async def let_go(self) -> None: ...


class Kubelet:
    """Runs the pods of the store, and implements PodRuntime (see runtime.py).

    `make`: creates the object that runs a pod.
    """

    def __init__(
        self, context: Context, make: Callable[[Context, dict[str, Any]], Life] = Pod
    ) -> None:
        self.context = context
        self.claims = Claims(
            context.store, context.state, context.recorder, directories=make is Pod
        )
        self.pods: dict[str, Life] = {}
        self._make = make
        self._tasks: list[asyncio.Task[None]] = []
        if context.addresses.single:
            context.store.admission.append(_admit)

    def start(self, earlier: list[tuple[dict[str, Any], Mapping[str, Any]]]) -> None:
        """Run the pods of the store.

        `earlier`: those that an earlier kubelet started (see `left_pods`); they must be in the
        store.
        """
        store = self.context.store
        if store.find(NODES, None, NODE) is None:
            store.create(NODES, None, node_object())
        self.claims.restore()
        for saved, notes in earlier:
            meta = saved["metadata"]
            pod = Pod(self.context, store.get(PODS, meta["namespace"], meta["name"]))
            self.pods[pod.uid] = pod
            try:
                pod.adopt(notes)
            except (KeyError, TypeError, ValueError):
                log.exception("The record of pod %s is invalid; stopping the pod", pod.name)
                self._end(pod, 0)
        self._run(self.claims.follow())
        self._run(self._follow())

    async def stop_all(self, limit: float) -> None:
        """Stop and remove every pod within about `limit` seconds, and log the progress."""
        ending = {self._end(pod, limit / 2) for pod in self.pods.values()}
        deadline = time.monotonic() + limit
        while ending and time.monotonic() < deadline:
            log.info("Stopping %d pods", len(ending))
            _, ending = await asyncio.wait(ending, timeout=2)
        for pod in self.pods.values():
            processes.send(processes.marked(pod.uid), signal.SIGKILL)
        if ending:
            log.warning("%d pods had to be killed", len(ending))
            await asyncio.wait(ending, timeout=5)
        await self._cancel()

    async def let_go(self) -> None:
        """Stop this kubelet, and leave the pods running for the next one."""
        await self._cancel()
        for pod in self.pods.values():
            await pod.let_go()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def _follow(self) -> None:
        async for event in self.context.store.watch(PODS):
            try:
                self._handle(event.type, event.obj)
            except Exception:
                log.exception("Pod %s", event.obj["metadata"]["name"])

    def _handle(self, change: str, obj: dict[str, Any]) -> None:
        meta = obj["metadata"]
        pod = self.pods.get(meta["uid"])
        if change == "DELETED":
            if pod is not None:
                self._end(pod, 0, remove=False)
            return
        if pod is None:
            if change != "ADDED":
                return
            pod = self.pods[meta["uid"]] = self._make(self.context, obj)
            pod.start()
        pod.object = obj
        if "deletionTimestamp" in meta:
            self._end(pod, meta.get("deletionGracePeriodSeconds") or 0)

    def _end(self, pod: Life, grace: float, *, remove: bool = True) -> asyncio.Task[None]:
        ending = pod.stop(grace, remove=remove)
        ending.add_done_callback(lambda task: self._ended(pod, task))
        return ending

    def _ended(self, pod: Life, task: asyncio.Task[None]) -> None:
        self.pods.pop(pod.uid, None)
        if not task.cancelled() and (error := task.exception()):
            name = pod.object["metadata"]["name"]
            log.error("Stopping pod %s failed", name, exc_info=error)

    # PodRuntime

    async def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        tail_lines: int | None = None,
        since_seconds: float | None = None,
        timestamps: bool = False,
        previous: bool = False,
    ) -> AsyncIterator[bytes]:
        """Return the log of a container (see runtime.py)."""
        target = self._container(namespace, pod, container)
        path = target.log_file(previous=previous)
        if previous and not path.exists():
            raise bad_request(f'previous terminated container "{container}" not found')
        if not path.exists() and not target.status.is_running:
            raise bad_request(f'container "{container}" in pod "{pod}" is waiting to start')
        since = since_seconds and datetime.now(UTC) - timedelta(seconds=since_seconds)
        return logs.read(
            path,
            running=lambda: target.process is not None and target.process.alive(),
            follow=follow and not previous,
            tail_lines=tail_lines,
            since=since or None,
            timestamps=timestamps,
        )

    async def exec(
        self, namespace: str, pod: str, container: str, command: list[str], *, tty: bool = False
    ) -> ExecSession:
        """Run a command with the home directory and the environment of a container."""
        target = self._container(namespace, pod, container)
        if target.process is None or not target.process.alive() or target.workspace is None:
            raise bad_request(f'container "{container}" in pod "{pod}" is not running')
        workspace = target.workspace
        env = workspace.env | processes.marks(target.pod.uid, container)
        try:
            return await execs.run(workspace.command(command), env, workspace.cwd, tty=tty)
        except OSError as error:
            raise bad_request(f"exec {command[0]!r}: {error.strerror}") from error

    def _container(self, namespace: str, pod: str, container: str) -> Container:
        for each in self.pods.values():
            meta = each.object["metadata"]
            if (meta["namespace"], meta["name"]) == (namespace, pod) and isinstance(each, Pod):
                target = each.container(container)
                if target is not None:
                    return target
                raise bad_request(f'container "{container}" does not run as a process here')
        raise not_found(PODS, pod)


def left_pods(folder: Path) -> list[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Return the pods that an earlier kubelet left in `STATE/pods`, with their processes."""
    records = [read_json(file) for file in sorted(folder.glob("*/pod.json"))]
    return [(record["pod"], record["processes"]) for record in records if record]


def _admit(resource: Resource, obj: dict[str, Any]) -> None:
    if resource is PODS and (obj.get("spec") or {}).get("containers"):
        give_ports(obj)
