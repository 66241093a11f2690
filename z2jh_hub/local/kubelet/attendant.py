"""What goes on beside a container that runs: its start hook, then its probes."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import processes
from .hooks import HOOK_TIMEOUT, HookFailed, Target
from .pod_status import running

if TYPE_CHECKING:
    from .container import Container

PERIOD, TIMEOUT, THRESHOLD = 10, 1, 3  # a probe's defaults, in Kubernetes as here


class Attendant:
    """Says when a container is running, and whether it is ready."""

    def __init__(self, container: "Container") -> None:
        self.container = container
        self.pod = container.pod

    async def attend(self, hook: bool, since: str) -> None:
        """Run the postStart hook (if `hook`), then probe for as long as there is a probe.

        Without a readinessProbe a container is ready once its first port answers, or at once.
        """
        container = self.container
        post_start = (container.spec.get("lifecycle") or {}).get("postStart")
        if hook and post_start and not await self._post_start(post_start):
            return
        container.status.state = running(since)
        self.pod.publish()
        probe = container.spec.get("readinessProbe")
        ports = container.spec.get("ports") or []
        if not probe and not ports:
            self._set_ready(True)
            return
        await self._probe(probe or {"tcpSocket": {"port": ports[0]["containerPort"]}})
        while probe:
            await asyncio.sleep(probe.get("periodSeconds") or PERIOD)
            await self._probe(probe)

    async def pre_stop(self, limit: float) -> None:
        """Run the preStop hook, if there is one."""
        hook = (self.container.spec.get("lifecycle") or {}).get("preStop")
        if hook:
            try:
                await self._target().do(hook, limit)
            except HookFailed as error:
                self.pod.warning("FailedPreStopHook", f"PreStopHook failed: {error}")

    async def _post_start(self, hook: Mapping[str, Any]) -> bool:
        container = self.container
        try:
            await self._target().do(hook, HOOK_TIMEOUT)
        except HookFailed as error:
            self.pod.warning("FailedPostStartHook", f"PostStartHook failed: {error}")
            self.pod.normal("Killing", f"FailedPostStartHook: container {container.name} stops")
            if container.process is not None:
                await processes.stop(container.process, 2.0)
            return False
        return True

    async def _probe(self, probe: Mapping[str, Any]) -> None:
        """Ask until the answer is good; `ready` follows the answers."""
        target, told, failures = self._target(), time.monotonic(), 0
        while True:
            try:
                await target.do(probe, probe.get("timeoutSeconds") or TIMEOUT)
            except HookFailed as error:
                failures += 1
                if failures >= (probe.get("failureThreshold") or THRESHOLD):
                    self._set_ready(False)
                period = probe.get("periodSeconds") or PERIOD
                if "tcpSocket" not in probe and time.monotonic() - told > period:
                    self.pod.warning("Unhealthy", f"Readiness probe failed: {error}")
                    told = time.monotonic()
                await asyncio.sleep(self.pod.context.timing.probe)
            else:
                self._set_ready(True)
                return

    def _set_ready(self, ready: bool) -> None:
        if self.container.status.ready != ready:
            self.container.status.ready = ready
            self.pod.publish()

    def _target(self) -> Target:
        ports = self.container.spec.get("ports") or []
        workspace = self.container.workspace
        if workspace is None:  # adopted, and what it refers to is gone
            return Target(self.pod.ip, ports, list, {}, self.pod.folder)
        env = workspace.env | processes.marks(self.pod.uid, self.container.name)
        return Target(self.pod.ip, ports, workspace.command, env, workspace.mounts.local_home)
