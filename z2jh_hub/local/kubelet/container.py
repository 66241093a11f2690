"""One container of a pod: started, watched, probed, restarted, stopped."""

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config.quantities import quantity
from . import logs, processes
from .attendant import Attendant
from .environment import ConfigMissing
from .injected import CRASHES, EVICTED, OOM, past_faults
from .limits import Group
from .pod_status import ContainerStatus, now, terminated, waiting
from .processes import Launch, Process
from .workspace import NoCommand, Workspace, prepare

if TYPE_CHECKING:
    from .pod import Pod

log = logging.getLogger(__name__)

#: a container that ran this long before it failed is restarted at once again (seconds)
CALM = 600.0
START_ERROR, KILLED = 128, 137


class Container:
    """`main`: the pod's first container; `init`: it must end well before those start."""

    def __init__(
        self, pod: "Pod", spec: Mapping[str, Any], *, main: bool = False, init: bool = False
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
        self.done = False  # ended for good
        self._attendant = Attendant(self)
        self._failures = 0
        self._since = now()
        self._killed_for = ""

    @property
    def name(self) -> str:
        return self.status.name

    def log_file(self, *, previous: bool = False) -> Path:
        """The log of the present run, or of the one before."""
        return self.pod.folder / "logs" / f"{self.name}.{self.status.restarts - previous}.log"

    async def run(self, adopted: bool = False) -> None:
        """Run it, again where the restart policy says so, until it has ended for good."""
        if adopted:
            code = await self._attend(hook=False)
        else:
            code = await self._once()
        while self.restarts(code):
            await self._back_off(code)
            code = await self._once()

    def restarts(self, code: int) -> bool:
        """Whether the restart policy starts it again after this exit code."""
        if self.pod.over:
            return False
        policy = self.pod.object["spec"].get("restartPolicy") or "Always"
        if policy == "Always" and not self.init:
            return True
        return policy != "Never" and code != 0

    def recall(self, record: Mapping[str, Any], saved: Mapping[str, Any]) -> bool:
        """Take over what an earlier kubelet started; whether it still runs."""
        self.status = ContainerStatus.of(saved)
        self.process = processes.recalled(self.pod.uid, self.name, self._notes, record)
        self.group = self.pod.context.limits.recalled(self.process.cgroups)
        self._since = self.status.state.get("running", {}).get("startedAt") or now()
        if not self.process.alive():
            if not self.status.state.get("terminated"):
                self._ended(self.process.exit_code())
            self.done = True  # nobody was there to start it again, and now is too late
            return False
        try:
            self.workspace = self._prepare()
        except (ConfigMissing, OSError) as error:
            log.warning("The hooks of %s cannot run: %s", self.name, error)
        return True

    async def stop(self, grace: float) -> None:
        """The preStop hook, SIGTERM, and SIGKILL when `grace` seconds are over."""
        if self.process is None or not self.process.alive():
            return
        self.pod.normal("Killing", f"Stopping container {self.name}")
        deadline = time.monotonic() + grace
        if grace > 0:
            await self._attendant.pre_stop(grace)
        await processes.stop(self.process, max(deadline - time.monotonic(), min(grace, 1.0)))

    async def kill(self, reason: str) -> None:
        """SIGKILL to all of it; its status gives the reason."""
        self._killed_for = reason
        if self.process is not None:
            await processes.kill(self.process)

    def give_up(self) -> None:
        """Call a container that will never run ended."""
        if self.status.exit_code is None:
            self._ended(START_ERROR, "KubeletError")

    @property
    def _notes(self) -> Path:
        return self.pod.folder / "run" / self.name

    async def _once(self) -> int:
        injected = await past_faults(self)
        fault = injected.reason if injected else None
        if fault in CRASHES:
            return self._ended(1)
        try:
            self.workspace = await self._prepared()
        except NoCommand as error:
            return self._not_started(f"nothing says what runs for the image {error}")
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
        """Start the process; what went wrong, or nothing."""
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
        """Stay with the running process until it ends; its exit code."""
        assert self.process is not None
        probing = asyncio.create_task(self._attendant.attend(hook, self._since))
        try:
            code = await self.process.wait()
        finally:
            probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await probing
        # what the main process started ends with it, as everything in a real container does
        await processes.kill(self.process)
        reason = self._killed_for
        if self.group is not None:
            reason = reason or (OOM if code == KILLED and self.group.oom_killed() else "")
            self.group.remove()
        return self._ended(KILLED if reason else code, reason)

    def _ended(self, code: int | None, reason: str = "", message: str = "") -> int:
        if code is None:
            code, reason = KILLED, "ContainerStatusUnknown"
            message = "The container's end was not seen."
        reason = reason or ("Completed" if code == 0 else "Error")
        if code and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = message or logs.last_words(self.log_file())
        self.status.state = terminated(code, reason, self._since, message)
        self.status.ready = False
        self.done = not self.restarts(code)
        self.pod.publish()
        return code

    async def _back_off(self, code: int) -> None:
        """Wait before a restart: not at all before the first, then longer each time."""
        timing = self.pod.context.timing
        began = self.status.state["terminated"]
        self._failures = 1 if _seconds(began) > CALM else self._failures + 1
        if self._failures > 1:
            delay = min(timing.backoff * 2 ** (self._failures - 2), timing.backoff_limit)
            self.status.last = self.status.state
            message = f"back-off {delay:g}s restarting failed container={self.name}"
            self.wait("CrashLoopBackOff", message)
            self.pod.warning("BackOff", f"Back-off restarting failed container {self.name}")
            await asyncio.sleep(delay)
        self.status.last = self.status.last if self._failures > 1 else self.status.state
        self.status.restarts += 1

    def wait(self, reason: str, message: str) -> None:
        """Say that it waits, and why."""
        self.status.state = waiting(reason, message)
        self.status.ready = False
        self.pod.publish()


def _seconds(state: Mapping[str, Any]) -> float:
    """How long a container ran that has terminated."""
    begin, end = (datetime.fromisoformat(state[key]) for key in ("startedAt", "finishedAt"))
    return (end - begin).total_seconds()
