"""Fake mode for load tests: pods that become ready after a delay, without a process.

One responder answers the hub's requests for all pods, like a Jupyter server. Nothing is polled, so
a pod costs only a timer and its status.
"""

import asyncio
import logging
import random
import socket
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ..faults import PodFailure
from ..objects.resources import PODS
from .context import Context
from .node import NODE
from .pod_status import HOST_IP, ContainerStatus, conditions, now, running, terminated, waiting
from .workspace import first_port

log = logging.getLogger(__name__)

VERSION = "2.0.0"  # of the simulated Jupyter server
FAILURES = {"OOMKilled": 137, "Evicted": 137, "CrashLoop": 1, "CrashLoopBackOff": 1, "Error": 1}
# reasons of a pod that stays pending; the fault itself specifies the kubelet's events
WITHOUT_EVENTS = ("ContainerCreating", "PodInitializing")


class Responder:
    """An HTTP server on all loopback addresses of this machine, and on every port of a pod."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None

    async def listen(self, port: int) -> None:
        """Listen on another port."""
        if self._runner is None:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", _answer)
            self._runner = web.AppRunner(app, access_log=None)
            await self._runner.setup()
        try:
            await web.SockSite(self._runner, _loopback(port), backlog=1024).start()
        except OSError as error:
            log.error("Fake pods do not answer on port %d: %s", port, error)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


async def _answer(request: web.Request) -> web.Response:
    if not (request.remote or "").startswith("127."):
        raise web.HTTPForbidden
    if request.path.endswith("/api/status"):
        stamp = now()
        return web.json_response({"started": stamp, "last_activity": stamp, "kernels": 0})
    return web.json_response({"version": VERSION})


def _loopback(port: int) -> socket.socket:
    """Return a socket for all of 127.0.0.0/8, bound to the loopback device if that is allowed."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        device = getattr(socket, "SO_BINDTODEVICE", None)
        if device is not None:
            listener.setsockopt(socket.SOL_SOCKET, device, b"lo")
    except PermissionError:
        log.debug("Not bound to the loopback device; other clients are rejected by address")
    try:
        listener.bind(("0.0.0.0" if device is not None else HOST_IP, port))
    except OSError:
        listener.close()
        raise
    return listener


class FakeMode:
    """Create fake pods, which are ready after `delay` seconds, plus or minus up to `jitter`."""

    def __init__(self, delay: float, jitter: float = 0.0) -> None:
        self.delay = delay
        self.jitter = jitter
        self.responder = Responder()
        self._listening: dict[int, asyncio.Task[None]] = {}

    def make(self, context: Context, obj: dict[str, Any]) -> "FakePod":
        for each in obj["spec"]["containers"]:
            port = first_port(each)
            if port not in self._listening:
                self._listening[port] = asyncio.create_task(self.responder.listen(port))
        return FakePod(context, obj, self)

    def wait(self) -> float:
        return max(0.0, self.delay + random.uniform(-self.jitter, self.jitter))


class FakePod:
    """A pod without a process."""

    def __init__(self, context: Context, obj: dict[str, Any], mode: FakeMode) -> None:
        self.context = context
        self.object = obj
        self.mode = mode
        meta = obj["metadata"]
        self.uid: str = meta["uid"]
        self.namespace: str = meta["namespace"]
        self.name: str = meta["name"]
        self.ip = ""
        self._started = now()
        self._fault: PodFailure | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._end: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._fault = self.context.pod_failure(self.object)
        if self._fault and self._fault.reason == "Unschedulable":
            message = f"0/1 nodes are available: 1 {self._fault.message}."
            self._event("FailedScheduling", message, "default-scheduler", warn=True)
            known = {"PodScheduled": (False, "Unschedulable", message)}
            self._publish({"phase": "Pending"}, known)
            self._later(self.context.timing.retry, self.start)
            return
        self.ip = self.context.addresses.choose(f"{self.namespace}/{self.name}")
        message = f"Successfully assigned {self.namespace}/{self.name} to {NODE}"
        self._event("Scheduled", message, "default-scheduler")
        self._show(waiting("ContainerCreating"))
        self._later(self.mode.wait(), self._begin)

    def stop(self, grace: float, *, remove: bool = True) -> asyncio.Task[None]:
        if self._end is None:
            self._end = asyncio.create_task(self._stop(remove))
        return self._end

    async def let_go(self) -> None:
        self._cancel()

    def _begin(self) -> None:
        fault, self._fault = self._fault, None
        if fault and fault.reason in FAILURES:
            state = terminated(FAILURES[fault.reason], fault.reason, self._started)
            self._show(state, phase="Failed", why=fault.reason)
            self._event(fault.reason, fault.message, warn=True)
        elif fault and fault.reason in WITHOUT_EVENTS:
            self._later(self.context.timing.retry, self._try_again)
        elif fault:
            self._event("Failed", f"Error: {fault.reason}: {fault.message}", warn=True)
            self._show(waiting(*fault))
            self._later(self.context.timing.retry, self._try_again)
        else:
            for reason in ("Pulled", "Created", "Started"):
                self._event(reason, f"{reason} (no process: fake mode)")
            self._show(running(now()), phase="Running", ready=True)

    def _try_again(self) -> None:
        self._fault = self.context.pod_failure(self.object)
        self._begin()

    def _later(self, delay: float, what: Any) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, what)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def _stop(self, remove: bool) -> None:
        self._cancel()
        self.context.addresses.release(self.ip)
        if remove:
            self._event("Killing", "Stopping container (fake mode)")
            self.context.store.remove(PODS, self.namespace, self.name, self.uid)

    def _event(
        self, reason: str, message: str, source: str = "kubelet", *, warn: bool = False
    ) -> None:
        write = self.context.recorder.warning if warn else self.context.recorder.normal
        write(self.object, reason, message, source)

    def _show(
        self,
        state: dict[str, Any],
        *,
        phase: str = "Pending",
        ready: bool = False,
        why: str = "",
    ) -> None:
        containers = [
            ContainerStatus(each["name"], each.get("image") or "", state, ready=ready)
            for each in self.object["spec"]["containers"]
        ]
        status: dict[str, Any] = {
            "phase": phase,
            "hostIP": HOST_IP,
            "podIP": self.ip,
            "podIPs": [{"ip": self.ip}],
            "startTime": self._started,
            "containerStatuses": [each.as_dict() for each in containers],
            **({"reason": why} if why else {}),
        }
        known = dict.fromkeys(("ContainersReady", "Ready"), (ready, "", ""))
        self._publish(
            status, {"PodScheduled": (True, "", ""), "Initialized": (True, "", ""), **known}
        )

    def _publish(self, status: dict[str, Any], known: Mapping[str, tuple[bool, str, str]]) -> None:
        def change(pod: dict[str, Any]) -> None:
            old = pod.get("status") or {}
            pod["status"] = {
                **old, **status, "conditions": conditions(old.get("conditions") or [], known)
            }  # fmt: skip
            if self.ip:
                pod["spec"]["nodeName"] = NODE

        self.object = (
            self.context.store.modify(PODS, self.namespace, self.name, change) or self.object
        )
