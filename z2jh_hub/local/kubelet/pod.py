"""One pod: schedule it, run its containers, publish its status, and stop it."""

import asyncio
import contextlib
import logging
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..faults import PodFailure
from ..objects.resources import PODS
from ..state import write_json
from . import processes
from .container import Container
from .context import Context
from .images import why_not
from .injected import EVICTED
from .mounts import take_away
from .node import NODE
from .pod_status import UNSCHEDULABLE, PodStatus
from .volumes import Volumes

log = logging.getLogger(__name__)


class Pod:
    """`object`: the latest object from the API; `containers`: those that can run here."""

    def __init__(self, context: Context, object_: dict[str, Any]) -> None:
        self.context = context
        self.object = object_
        meta = object_["metadata"]
        self.uid: str = meta["uid"]
        self.namespace: str = meta["namespace"]
        self.name: str = meta["name"]
        self.folder: Path = context.state.pods / self.uid
        self.lookup = context.lookup(self.namespace)
        self.volumes = Volumes(object_, self.folder / "volumes", context.state, self.lookup)
        spec = object_["spec"]
        self.containers = [
            Container(self, each, main=index == 0) for index, each in enumerate(spec["containers"])
        ]
        self.initial = [
            Container(self, each, init=True) for each in spec.get("initContainers") or []
        ]
        self.status = PodStatus()
        self.stopping = False
        self._fault: PodFailure | None = None
        self._life: asyncio.Task[None] | None = None
        self._end: asyncio.Task[None] | None = None

    # called by the kubelet

    def start(self) -> None:
        self._life = asyncio.create_task(self._live(), name=f"pod {self.name}")

    def adopt(self, notes: Mapping[str, Any]) -> None:
        """Adopt a pod that an earlier kubelet started. `notes`: its processes by container."""
        if not notes:
            processes.send(processes.marked(self.uid), signal.SIGKILL)  # of an init container
            self.start()
            return
        saved = self.object["status"]
        self.status = PodStatus(saved["startTime"], saved["podIP"], initialized=True)
        self.context.addresses.reserve(self.ip)
        self.initial = []
        self.containers = [each for each in self.containers if each.name in notes]
        statuses = {each["name"]: each for each in saved["containerStatuses"]}
        alive = [
            each for each in self.containers if each.recall(notes[each.name], statuses[each.name])
        ]
        if alive:
            log.info("Pod %s/%s still runs: adopted", self.namespace, self.name)
            self._life = asyncio.create_task(self._tend(alive, adopted=True))
        self.publish()

    def stop(self, grace: float, *, remove: bool = True) -> asyncio.Task[None]:
        """Stop the pod. Return the task that does it; further calls return the same task."""
        if self._end is None:
            self.stopping = True
            self._end = asyncio.create_task(self._stop(grace, remove), name=f"end of {self.name}")
        return self._end

    async def let_go(self) -> None:
        """Leave the processes running for the next kubelet."""
        await self._cancel()
        for container in self.containers + self.initial:
            if container.process is not None:
                container.process.let_go()

    @property
    def ip(self) -> str:
        return self.status.ip

    @property
    def over(self) -> bool:
        """Whether its containers will not be restarted."""
        return self.stopping or self.status.failed is not None

    def container(self, name: str) -> Container | None:
        everything = self.containers + self.initial
        return next((each for each in everything if each.name == name), None)

    # called by its containers (see Host)

    def take_fault(self) -> PodFailure | None:
        """Return the fault that is injected now, if any. Each fault is returned once."""
        fault, self._fault = self._fault or self.context.pod_failure(self.object), None
        return fault

    async def evict(self) -> None:
        """Kill the containers as if the node had run out of memory (an injected fault)."""
        message = "The node was low on resource: memory (injected)."
        self.status.failed = (EVICTED, message)
        self.warning(EVICTED, message)
        await asyncio.gather(*(each.kill(EVICTED) for each in self.containers))

    def normal(self, reason: str, message: str, source: str = "kubelet") -> None:
        self.context.recorder.normal(self.object, reason, message, source)

    def warning(self, reason: str, message: str, source: str = "kubelet") -> None:
        self.context.recorder.warning(self.object, reason, message, source)

    def publish(self) -> None:
        """Write the status of the pod to the API and its record to the disk."""
        ended = all(each.done for each in self.containers)
        containers = [each.status for each in self.containers]
        initial = [each.status for each in self.initial]

        def change(pod: dict[str, Any]) -> None:
            if pod["metadata"]["uid"] == self.uid:
                old = pod.get("status") or {}
                pod["status"] = self.status.as_dict(containers, initial, ended, old)
                if not self.status.unscheduled:
                    pod["spec"].setdefault("nodeName", NODE)

        changed = self.context.store.modify(PODS, self.namespace, self.name, change)
        if changed is not None:
            self.object = changed
        self.save()

    def save(self) -> None:
        """Write the record that the next kubelet needs to adopt this pod."""
        running = {
            each.name: each.process.record() for each in self.containers if each.process is not None
        }
        if self.folder.exists() and not self.stopping:
            write_json(self.folder / "pod.json", {"pod": self.object, "processes": running})

    # running

    async def _live(self) -> None:
        try:
            await self._schedule()
            if await self._initialize():
                await self._tend(self._runnable(), adopted=False)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("Pod %s/%s failed", self.namespace, self.name)
            self.status.failed = ("KubeletError", "The kubelet failed. See its log.")
            for container in self.containers:
                container.give_up()
            self.publish()

    async def _schedule(self) -> None:
        """Wait until the pod can be scheduled, then assign it a node and an address."""
        while problem := self._obstacle():
            self.status.unscheduled = problem
            self.warning("FailedScheduling", problem, "default-scheduler")
            self.publish()
            await asyncio.sleep(self.context.timing.retry)
        self.status.unscheduled = ""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ports = [p["containerPort"] for c in self.containers for p in c.spec.get("ports") or []]
        self.status.ip = self.context.addresses.choose(f"{self.namespace}/{self.name}", ports)
        message = f"Successfully assigned {self.namespace}/{self.name} to {NODE}"
        self.normal("Scheduled", message, "default-scheduler")
        self.publish()

    def _obstacle(self) -> str:
        fault = self.take_fault()
        if fault and fault.reason == UNSCHEDULABLE:
            return f"0/1 nodes are available: 1 {fault.message}."
        self._fault = fault  # take_fault returns it to a container
        for volume in self.object["spec"].get("volumes") or []:
            claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            if claim and not self.context.has_claim(self.namespace, claim):
                return f'persistentvolumeclaim "{claim}" not found'
        return ""

    async def _initialize(self) -> bool:
        """Run the init containers that can run here, in order; return whether all succeeded."""
        self.initial = [each for each in self.initial if self._can_run(each)]
        for container in self.initial:
            await container.run()
            if container.status.exit_code:
                self.status.failed = ("", f"Init container {container.name} failed")
                self.publish()
                return False
        self.status.initialized = True
        self.publish()
        return True

    def _runnable(self) -> list[Container]:
        main, *others = self.containers
        self.containers = [main, *(each for each in others if self._can_run(each))]
        return self.containers

    def _can_run(self, container: Container) -> bool:
        """Return whether a container other than the main one can run; record why not."""
        reason = why_not(container.spec, self.context.images)
        if reason:
            self.warning("ContainerSkipped", f"Container {container.name} does not run: {reason}")
        return not reason

    async def _tend(self, containers: list[Container], adopted: bool) -> None:
        """Run the containers until all of them are done."""
        lives = [asyncio.create_task(each.run(adopted)) for each in containers]
        try:
            await asyncio.gather(*lives)
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)

    async def _stop(self, grace: float, remove: bool) -> None:
        await asyncio.gather(*(each.stop(grace) for each in self.containers + self.initial))
        await self._cancel()
        for container in self.containers + self.initial:
            if container.process is not None:
                await processes.kill(container.process)
        if self.ip:
            self.context.addresses.release(self.ip)
        await asyncio.to_thread(self._clean)
        if remove:
            self.context.store.remove(PODS, self.namespace, self.name, self.uid)

    async def _cancel(self) -> None:
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life

    def _clean(self) -> None:
        """Remove the files of the pod, but keep the last log of each container."""
        for container in self.containers + self.initial:
            if container.workspace is not None:
                take_away(container.workspace.mounts.links, self.volumes.folder)
            if container.log_file().exists():
                target = self.context.state.last_logs / f"{self.namespace}_{self.name}"
                target.mkdir(parents=True, exist_ok=True, mode=0o700)
                container.log_file().replace(target / f"{container.name}.log")
        shutil.rmtree(self.folder, ignore_errors=True)
