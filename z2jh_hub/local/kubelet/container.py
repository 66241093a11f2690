"""One container of a pod: start, restart and stop its process, and publish its status."""

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...config.quantities import quantity
from . import logs, processes
from .attendant import Attendant
from .backoff import BackOff
from .environment import ConfigMissing
from .host import Host
from .injected import CRASHES, EVICTED, OOM, past_faults
from .limits import Group
from .pod_status import ContainerStatus, now, terminated, waiting
from .processes import Launch, Process
from .workspace import NoCommand, Workspace, prepare

log = logging.getLogger(__name__)

START_ERROR, KILLED = 128, 137


class Container:
    """`main`: the first container of the pod; `init`: an init container."""

    def __init__(
        self, pod: Host, spec: Mapping[str, Any], *, main: bool = False, init: bool = False
    ) -> None:
        self.pod = pod
        self.spec = spec
        self.main = main
        self.init = init
        self.status = ContainerStatus(
            spec["name"], spec.get("image") or "", waiting("PodInitializing")
        )
        self.process: Process | None = None
        self.workspace: Workspace | None = None
        self.group: Group | None = None
        self.done = False  # will not be restarted
        self._restarts = BackOff(pod.context.timing)
        self._since = now()
        self._killed_for = ""

    @property
    def name(self) -> str:
        return self.status.name

    def log_file(self, *, previous: bool = False) -> Path:
        """Return the path of the log of the current or the previous run."""
        return self.pod.folder / "logs" / f"{self.name}.{self.status.restarts - previous}.log"

    async def run(self, adopted: bool = False) -> None:
        """Run the container, and restart it as the restart policy requires, until it is done."""
        if adopted:
            code = await self._attend(hook=False)
        else:
            code = await self._once()
        while self.restarts(code):
            await self._back_off()
            code = await self._once()

    def restarts(self, code: int) -> bool:
        """Return whether the restart policy requires a restart after this exit code."""
        if self.pod.over:
            return False
        policy = self.pod.object["spec"].get("restartPolicy") or "Always"
        return policy != "Never" and (code != 0 or (policy == "Always" and not self.init))

    def recall(self, record: Mapping[str, Any], saved: Mapping[str, Any]) -> bool:
        """Adopt the process that an earlier kubelet started; return whether it still runs."""
        self.status = ContainerStatus.of(saved)
        self.process = processes.recalled(self.pod.uid, self.name, self._notes, record)
        self.group = self.pod.context.limits.recalled(self.process.cgroups)
        self._since = self.status.state.get("running", {}).get("startedAt") or now()
        if not self.process.alive():
            if not self.status.state.get("terminated"):
                self._ended(self.process.exit_code())
            self.done = True  # it ended while no kubelet ran that could have restarted it
            return False
        try:
            self.workspace = self._prepare()
        except (ConfigMissing, OSError) as error:
            log.warning("The hooks of %s cannot run: %s", self.name, error)
        return True

    async def stop(self, grace: float) -> None:
        """Run the preStop hook and send SIGTERM; send SIGKILL after `grace` seconds."""
        if self.process is None or not self.process.alive():
            return
        self.pod.normal("Killing", f"Stopping container {self.name}")
        deadline = time.monotonic() + grace
        if grace > 0:
            await self._attendant(self.process).pre_stop(grace)
        await processes.stop(self.process, max(deadline - time.monotonic(), min(grace, 1.0)))

    async def kill(self, reason: str) -> None:
        """Send SIGKILL to all of its processes, and put the reason into its status."""
        self._killed_for = reason
        if self.process is not None:
            await processes.kill(self.process)

    def give_up(self) -> None:
        """Mark a container that cannot be started as ended."""
        if self.status.exit_code is None:
            self._ended(START_ERROR, "KubeletError")

    @property
    def _notes(self) -> Path:
        return self.pod.folder / "run" / self.name

    async def _once(self) -> int:
        injected = await past_faults(self.pod, self.status, self.wait) if self.main else None
        fault = injected.reason if injected else None
        if fault in CRASHES:
            return self._ended(1)
        try:
            self.workspace = await self._prepared()
        except NoCommand as error:
            return self._not_started(f"no command is configured for the image {error}")
        program = Path(self.workspace.argv[0]).name
        self.pod.normal("Pulled", f'Container image "{self.status.image}" runs as {program}')
        if problem := self._start(self.workspace):
            return self._not_started(problem)
        self.pod.normal("Created", f"Created container: {self.name}")
        self.pod.normal("Started", f"Started container {self.name}")
        if fault == EVICTED:
            await self.pod.evict()
        elif fault == OOM:
            await self.kill(OOM)
        return await self._attend(hook=fault is None)

    def _not_started(self, why: str) -> int:
        self.pod.warning("Failed", f"Error: failed to start container: {why}")
        return self._ended(START_ERROR, "StartError", why)

    async def _prepared(self) -> Workspace:
        while True:
            try:
                workspace = self._prepare()
            except (ConfigMissing, OSError) as error:
                self.pod.warning("Failed", f"Error: {error}")
                self.wait("CreateContainerConfigError", str(error))
                await asyncio.sleep(self.pod.context.timing.retry)
            else:
                for problem in workspace.mounts.problems:
                    self.pod.warning("FailedMount", f"Not mounted: {problem}")
                for note in self.pod.volumes.notes:
                    self.pod.normal("StandIn", note)
                return workspace

    def _prepare(self) -> Workspace:
        pod = self.pod
        return prepare(
            pod.object,
            self.spec,
            main=self.main,
            ip=pod.ip,
            root=pod.folder / "root" / self.name,
            state=pod.context.state.root,
            volumes=pod.volumes,
            images=pod.context.images,
            lookup=pod.lookup,
        )

    def _start(self, workspace: Workspace) -> str:
        """Start the process; return what went wrong, or an empty string."""
        program = workspace.argv[0]
        if shutil.which(program, path=workspace.env["PATH"]) is None:
            return f'exec: "{program}": executable file not found in $PATH'
        limits = (self.spec.get("resources") or {}).get("limits") or {}
        amounts = {key: quantity(limits[key]) for key in ("memory", "cpu") if limits.get(key)}
        self.group = self.pod.context.limits.group(
            f"{self.pod.uid}-{self.name}-{self.status.restarts}", amounts
        )
        self.log_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self.process = processes.start(
                Launch(
                    workspace.argv,
                    workspace.env,
                    workspace.cwd,
                    self.log_file(),
                    self._notes,
                    self.pod.uid,
                    self.name,
                    self.group.procs if self.group else (),
                )
            )
        except OSError as error:
            return str(error)
        self._since, self._killed_for = now(), ""
        self.status.id = f"process://{self.process.shell}"
        self.pod.save()
        return ""

    async def _attend(self, hook: bool) -> int:
        """Wait for the process to end; return its exit code."""
        assert self.process is not None
        attendant = self._attendant(self.process)
        probing = asyncio.create_task(attendant.attend(hook, self._since))
        try:
            code = await self.process.wait()
        finally:
            probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await probing
        # as in a real container, all processes end with the first one
        await processes.kill(self.process)
        reason = self._killed_for
        if self.group is not None:
            reason = reason or (OOM if code == KILLED and self.group.oom_killed() else "")
            self.group.remove()
        return self._ended(KILLED if reason else code, reason)

    def _attendant(self, process: Process) -> Attendant:
        return Attendant(self.pod, self.spec, self.status, process, self.workspace)

    def _ended(self, code: int | None, reason: str = "", message: str = "") -> int:
        if code is None:
            code, reason = KILLED, "ContainerStatusUnknown"
            message = "The container ended while no kubelet was running."
        reason = reason or ("Completed" if code == 0 else "Error")
        if code and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = message or logs.last_words(self.log_file())
        self.status.state = terminated(code, reason, self._since, message)
        self.status.ready = False
        self.done = not self.restarts(code)
        self.pod.publish()
        return code

    async def _back_off(self) -> None:
        """Wait before a restart: not before the first one, and longer before each further one."""
        self.status.last = self.status.state
        delay = self._restarts.after(self.status.state["terminated"])
        if delay:
            message = f"back-off {delay:g}s restarting failed container={self.name}"
            self.wait("CrashLoopBackOff", message)
            self.pod.warning("BackOff", f"Back-off restarting failed container {self.name}")
            await asyncio.sleep(delay)
        self.status.restarts += 1

    def wait(self, reason: str, message: str) -> None:
        """Publish that the container is waiting, and why."""
        self.status.state = waiting(reason, message)
        self.status.ready = False
        self.pod.publish()
