"""One run of the load test: a class starts its servers, works, and the hub is restarted."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import users as traffic
from .processes import Cull, Process, free_port, start_hub, start_kubernetes

CULL = Cull(timeout=1, every=3)
SETTLE = 3.0  # seconds after a start of the hub until its memory is measured


@dataclass(frozen=True)
class Load:
    """What the hubs have to do. Times in seconds."""

    users: int
    in_flight: int = 60
    ready_after: float = 1.0
    jitter: float = 0.5
    idle: float = 30.0
    profile: str = ""  # a file: py-spy writes the stacks of our hub during the starts to it


def run(kind: str, load: Load, off: tuple[str, ...] = ()) -> dict[str, float]:
    """Run a hub of a kind, without the levers in `off`; return its figures by name."""
    folder = Path(tempfile.mkdtemp(prefix="load-"))
    kubernetes, kubeconfig = start_kubernetes(folder, load.ready_after, load.jitter)
    try:
        figures = asyncio.run(_Run(kind, load, off, folder, kubernetes, kubeconfig).all())
    finally:
        kubernetes.stop()
    shutil.rmtree(folder)
    return figures


class _Run:
    def __init__(
        self,
        kind: str,
        load: Load,
        off: tuple[str, ...],
        folder: Path,
        kubernetes: Process,
        kubeconfig: Path,
    ) -> None:
        self.kind, self.load, self.off, self.folder = kind, load, off, folder
        self.kubernetes, self.kubeconfig = kubernetes, kubeconfig
        self.pods = free_port()
        self.names = traffic.names(load.users)
        self.figures: dict[str, float] = {}

    async def all(self) -> dict[str, float]:
        async with traffic.proxy() as proxy, traffic.session() as session:
            hub, users = await self._start(proxy, session)
            try:
                self.figures["start_cpu"] = hub.cpu()
                await asyncio.sleep(SETTLE)
                self.figures["idle_memory"] = hub.memory()
                await users.create(self.names)
                await self._burst(hub, users)
                await self._work(hub, users)
            finally:
                hub.stop()
            hub, users = await self._start(proxy, session)
            try:
                await users.until_ready(self.load.users)
                self.figures["restart_cpu"] = hub.cpu()
                half = self.names[::2]
                before = hub.cpu()
                await users.each(half, users.stop)
                self.figures["stop_cpu"] = (hub.cpu() - before) / len(half)
            finally:
                hub.stop()
            hub, users = await self._start(proxy, session, CULL)
            try:
                await self._culled(users)
            finally:
                hub.stop()
        return self.figures

    async def _start(
        self, proxy: int, session: object, cull: Cull | None = None
    ) -> tuple[Process, traffic.Users]:
        # in a thread, because the hub asks our proxy while it starts
        hub, url = await asyncio.to_thread(
            start_hub, self.kind, self.folder, self.kubeconfig, proxy, self.pods, self.off, cull
        )
        return hub, traffic.Users(session, url, self.load.in_flight)  # type: ignore[arg-type]

    async def _burst(self, hub: Process, users: traffic.Users) -> None:
        before, outside = hub.cpu(), self._harness()
        with hub.profiled(self.load.profile if self.kind == "ours" else ""):
            seconds = sorted(await users.each(self.names, users.start))
        spent, harness = hub.cpu() - before, self._harness() - outside
        self.figures |= {
            "cpu_per_start": spent / self.load.users,
            "ready_p50": seconds[len(seconds) // 2],
            "ready_p99": seconds[int(len(seconds) * 0.99) - 1],
            "harness_share": harness / (harness + spent),
            "failed_starts": users.failed,
            "memory_after": hub.memory(),
        }

    async def _work(self, hub: Process, users: traffic.Users) -> None:
        await asyncio.sleep(SETTLE)
        before = hub.cpu()
        await asyncio.sleep(self.load.idle)
        self.figures["idle_cpu"] = (hub.cpu() - before) / self.load.idle
        before = hub.cpu()
        await users.each(self.names, users.post_activity)
        self.figures["activity_cpu"] = (hub.cpu() - before) / self.load.users

    async def _culled(self, users: traffic.Users) -> None:
        """Measure how many servers the culler stops in a second, from the first one on."""
        began, running = time.monotonic(), self.load.users // 2
        while left := await users.ready():
            if left >= running:
                began = time.monotonic()
            await asyncio.sleep(0.1)
        self.figures["culled_per_second"] = running / (time.monotonic() - began)

    def _harness(self) -> float:
        """Return the CPU seconds of the embedded API and of this process."""
        times = os.times()
        return self.kubernetes.cpu() + times.user + times.system
