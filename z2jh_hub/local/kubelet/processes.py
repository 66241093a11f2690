"""Start a container as a process, know when and how it ended, and stop all that it started.

Each container runs under a small shell that outlives this process: it notes the exit code in a
file, so that a container is still understood when the kubelet was killed and started again.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

#: in the environment of every process of a pod: how they are found again
POD_MARK, CONTAINER_MARK = "Z2JH_POD_UID", "Z2JH_CONTAINER"

# The outer shell waits for the command and notes its exit code. The inner one joins the control
# groups and notes its process id before it becomes the command: no moment outside the limits.
OUTER = """
inner=$1 folder=$2; shift 2; exec 3>&2 2>/dev/null
sh -c "$inner" sh "$folder" "$@" 2>&3 3>&-
echo $? >"$folder/exit.new"; mv "$folder/exit.new" "$folder/exit"
"""
INNER = """
folder=$1; shift
for procs in $Z2JH_CGROUPS; do echo $$ >"$procs"; done; unset Z2JH_CGROUPS
echo $$ >"$folder/pid"; exec "$@"
"""


def marks(uid: str, container: str) -> dict[str, str]:
    """The variables by which a container's processes are found."""
    return {POD_MARK: uid, CONTAINER_MARK: container}


@dataclass(frozen=True)
class Launch:
    """All that is needed to start a container.

    `folder` takes the notes (files `pid` and `exit`); `cgroups` are `cgroup.procs` files to join.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    folder: Path
    uid: str
    container: str
    cgroups: Sequence[Path] = ()


@dataclass
class Process:
    """A container's process: the shell around it and when that started (seconds since 1970)."""

    uid: str
    container: str
    folder: Path
    shell: int
    started: float
    cgroups: Sequence[Path] = ()
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def record(self) -> dict[str, Any]:
        """What `recalled` needs to find it again."""
        return {
            "shell": self.shell,
            "started": self.started,
            "cgroups": [str(path) for path in self.cgroups],
        }

    def exit_code(self) -> int | None:
        """How the command ended (128 + n: by signal n); None while it runs or when lost."""
        try:
            return int((self.folder / "exit").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def alive(self) -> bool:
        """Whether the shell around the command still runs, and is the one that was started."""
        if self.child is not None:
            return self.child.poll() is None
        return _started(self.shell) == self.started

    async def wait(self) -> int | None:
        """Wait for the end; the exit code, or None when nobody could note it."""
        await _gone(self)
        return self.exit_code()

    def let_go(self) -> None:
        """Leave it running when this process ends."""
        if self.child is not None:
            self.child.returncode = 0  # or the interpreter warns that a child still runs


def start(launch: Launch) -> Process:
    """Start it in a new session, and append its output to the log. Raises OSError."""
    launch.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for note in ("pid", "exit"):
        (launch.folder / note).unlink(missing_ok=True)
    groups = {"Z2JH_CGROUPS": " ".join(map(str, launch.cgroups))}
    env = {**launch.env, **marks(launch.uid, launch.container), **groups}
    # a shell drops variables whose names it could not write itself (`a.b`); `env` does not
    odd = [f"{name}={value}" for name, value in env.items() if not name.isidentifier()]
    argv = ["env", *odd, *launch.argv] if odd else launch.argv
    with open(os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        child = subprocess.Popen(
            ["/bin/sh", "-c", OUTER, "sh", INNER, str(launch.folder), *argv],
            env=env,
            cwd=launch.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    started = _started(child.pid) or time.time()
    return Process(
        launch.uid, launch.container, launch.folder, child.pid, started, launch.cgroups, child
    )


def recalled(uid: str, container: str, folder: Path, record: Mapping[str, Any]) -> Process:
    """The process that an earlier kubelet recorded, running or not."""
    return Process(
        uid,
        container,
        folder,
        record["shell"],
        record["started"],
        [Path(path) for path in record["cgroups"]],
    )


def members(process: Process) -> list[psutil.Process]:
    """Every process of a container, the shell around it left out.

    Found by mark, by descent and by control group, so a child in a new session, or with another
    environment, does not escape.
    """
    by_pid = {each.pid: each for each in marked(process.uid, process.container)}
    for pid in _grouped(process.cgroups):
        with contextlib.suppress(psutil.NoSuchProcess):
            by_pid[pid] = psutil.Process(pid)
    if process.alive():
        with contextlib.suppress(psutil.NoSuchProcess):
            by_pid[process.shell] = psutil.Process(process.shell)
    for each in list(by_pid.values()):
        with contextlib.suppress(psutil.Error):
            by_pid.update((child.pid, child) for child in each.children(recursive=True))
    by_pid.pop(process.shell, None)
    return list(by_pid.values())


def marked(uid: str, container: str | None = None) -> Iterator[psutil.Process]:
    """The processes of this user whose environment names the pod (and the container)."""
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            env = each.environ()
            if env.get(POD_MARK) == uid and container in (None, env.get(CONTAINER_MARK)):
                yield each


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each that is still there (psutil knows a reused id)."""
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.send_signal(number)


async def stop(process: Process, grace: float) -> None:
    """SIGTERM to the container's process tree; after `grace` seconds SIGKILL to what is left."""
    if grace > 0 and process.alive():
        send(members(process), signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
    await kill(process)


async def kill(process: Process, patience: float = 5.0) -> None:
    """SIGKILL to everything that the container started, until nothing of it is left."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        left = [each for each in members(process) if _runs(each)]
        if not left and not process.alive():
            return
        send(left, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)
        await asyncio.sleep(0.01)
    if process.alive():
        send([psutil.Process(process.shell)], signal.SIGKILL)
        await process.wait()


def _grouped(cgroups: Iterable[Path]) -> set[int]:
    pids: set[int] = set()
    for procs in cgroups:
        with contextlib.suppress(OSError):
            pids.update(int(line) for line in procs.read_text().split())
    return pids


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _started(pid: int) -> float | None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return process.create_time() if process.status() != psutil.STATUS_ZOMBIE else None
    return None


async def _gone(process: Process) -> None:
    """Wait for the shell's end: the kernel says so on Linux, elsewhere by asking."""
    if process.alive() and hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            await _readable(os.pidfd_open(process.shell))
    while process.alive():  # noqa: ASYNC110 (there is nobody to set an event)
        await asyncio.sleep(0.2)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
