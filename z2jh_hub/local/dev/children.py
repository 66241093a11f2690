"""The processes that `dev` starts, each with a record that survives a killed `dev`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from ..kubelet.processes import POD_MARK
from ..state import read_json, write_json
from .layout import Layout

#: the process whose children (user servers) may outlive it
API = "api"
#: the order in which they end, so that each can still call those after it
END_ORDER = ("hub", "proxy", API)
PATIENCE = 10.0  # seconds between SIGTERM and SIGKILL
API_PATIENCE = 25.0  # the API stops user servers first


@dataclass
class Child:
    """A process and its start time; `popen` if this process started it."""

    name: str
    pid: int
    started: float
    hub_url: str = ""
    popen: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def exit_code(self) -> int | None:
        """Return the exit code (-n: signal n), None while it runs. Needs `popen`."""
        assert self.popen is not None
        return self.popen.poll()

    def process(self) -> psutil.Process | None:
        """Return the process while it runs; None if another process has its id."""
        if self.popen is not None and self.popen.poll() is not None:
            return None
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


def start(
    layout: Layout,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    hub_url: str = "",
) -> Child:
    """Start a process in its own session (Ctrl-C is for `dev`). Append its output to its log.

    `hub_url`: the hub API of the services that the process starts. Raises OSError.
    """
    log = layout.logs / f"{name}.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        popen = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=layout.hub,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    started = psutil.Process(popen.pid).create_time()
    child = Child(name, popen.pid, started, hub_url, popen)
    record = {"name": name, "pid": child.pid, "started": started, "hub_url": hub_url}
    write_json(layout.records / f"{name}.json", record)
    return child


def recorded(layout: Layout) -> list[Child]:
    """Return the processes that an earlier `dev` recorded, in the order in which they end."""
    records = [read_json(layout.records / f"{name}.json") for name in END_ORDER]
    return [Child(**record) for record in records if record]


def left(layout: Layout) -> list[Child]:
    """Return the recorded processes that still run, or whose services do."""
    return [child for child in recorded(layout) if child.process() or any(_services(child))]


def end(layout: Layout, child: Child, *, keep_pods: bool = False, patience: float = 0) -> None:
    """Stop a process, wait, and kill it and everything it started.

    The API stops user servers before it ends, unless `keep_pods`.
    """
    process = child.process()
    family = [] if child.name == API else _family(child)
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.send_signal(
                signal.SIGHUP if keep_pods and child.name == API else signal.SIGTERM
            )
        _wait(process, patience or (API_PATIENCE if child.name == API else PATIENCE))
    for each in {*family, *_services(child), *([process] if process else [])}:
        with contextlib.suppress(psutil.Error):
            each.kill()
            _wait(each, 5)
    if child.popen is not None:
        child.popen.wait()
    (layout.records / f"{child.name}.json").unlink(missing_ok=True)


def _wait(process: psutil.Process, limit: float) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.TimeoutExpired, psutil.Error):
            process.wait(0.2)
            return
        if not process.is_running() or _is_zombie(process):
            return


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _family(child: Child) -> list[psutil.Process]:
    """Return the descendants of a process."""
    process = child.process()
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True) if process else []
    return []


def _services(child: Child) -> Iterator[psutil.Process]:
    """Find the services of a hub (the culler) by their environment, even if the hub was killed."""
    for each in psutil.process_iter() if child.hub_url else ():
        with contextlib.suppress(psutil.Error, OSError):
            environment = each.environ()
            if (
                environment.get("JUPYTERHUB_API_URL", "").startswith(child.hub_url)
                and POD_MARK not in environment
            ):
                yield each


def end_all(layout: Layout, children: Iterable[Child], *, keep_pods: bool = False) -> None:
    """Stop these processes in order."""
    for child in sorted(children, key=lambda each: END_ORDER.index(each.name)):
        end(layout, child, keep_pods=keep_pods)
