"""The start hook, the probes and the stop hook of a running container."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import processes
from .hooks import HOOK_TIMEOUT, HookFailed, Target
from .host import Host
from .pod_status import ContainerStatus, running
from .processes import Process
from .workspace import Workspace

PERIOD, TIMEOUT, THRESHOLD = 10, 1, 3  # the defaults of a probe in Kubernetes


@dataclass(frozen=True)
class Attendant:
    """Sets `status` to running, and to ready or not ready, for one run of a container.

    `workspace`: None if the container was adopted and a Secret or ConfigMap it uses is missing.
    """

    pod: Host
    spec: Mapping[str, Any]
    status: ContainerStatus
    process: Process
    workspace: Workspace | None

    async def attend(self, hook: bool, since: str) -> None:
        """Run the postStart hook (if `hook`), then probe as long as there is a readiness probe.

        Without a readiness probe a container is ready once its first port accepts connections;
        without a port, at once.
        """
        post_start = (self.spec.get("lifecycle") or {}).get("postStart")
        if hook and post_start and not await self._post_start(post_start):
            return
        self.status.state = running(since)
        self.pod.publish()
        probe = self.spec.get("readinessProbe")
        ports = self.spec.get("ports") or []
        if not probe and not ports:
            self._set_ready(True)
            return
        await self._probe(probe or {"tcpSocket": {"port": ports[0]["containerPort"]}})
        while probe:
            await asyncio.sleep(probe.get("periodSeconds") or PERIOD)
            await self._probe(probe)

    async def pre_stop(self, limit: float) -> None:
        """Run the preStop hook, if there is one, for at most `limit` seconds."""
        hook = (self.spec.get("lifecycle") or {}).get("preStop")
        if hook:
            try:
                await self._target().do(hook, limit)
            except HookFailed as error:
                self.pod.warning("FailedPreStopHook", f"PreStopHook failed: {error}")

    async def _post_start(self, hook: Mapping[str, Any]) -> bool:
        try:
            await self._target().do(hook, HOOK_TIMEOUT)
        except HookFailed as error:
            name = self.status.name
            self.pod.warning("FailedPostStartHook", f"PostStartHook failed: {error}")
            self.pod.normal("Killing", f"FailedPostStartHook: container {name} stops")
            await processes.stop(self.process, 2.0)
            return False
        return True

    async def _probe(self, probe: Mapping[str, Any]) -> None:
        """Probe until the container is ready, and publish each change."""
        target, reported, failures = self._target(), time.monotonic(), 0
        while True:
            try:
                await target.do(probe, probe.get("timeoutSeconds") or TIMEOUT)
            except HookFailed as error:
                failures += 1
                if failures >= (probe.get("failureThreshold") or THRESHOLD):
                    self._set_ready(False)
                period = probe.get("periodSeconds") or PERIOD
                if "tcpSocket" not in probe and time.monotonic() - reported > period:
                    self.pod.warning("Unhealthy", f"Readiness probe failed: {error}")
                    reported = time.monotonic()
                await asyncio.sleep(self.pod.context.timing.probe)
            else:
                self._set_ready(True)
                return

    def _set_ready(self, ready: bool) -> None:
        if self.status.ready != ready:
            self.status.ready = ready
            self.pod.publish()

    def _target(self) -> Target:
        ports = self.spec.get("ports") or []
        if self.workspace is None:
            return Target(self.pod.ip, ports, list, {}, self.pod.folder)
        env = self.workspace.env | processes.marks(self.pod.uid, self.status.name)
        home = self.workspace.mounts.local_home
        return Target(self.pod.ip, ports, self.workspace.command, env, home)
