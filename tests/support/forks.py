"""Processes forked from one that has imported JupyterHub, in place of new interpreters.

A hub needs two seconds of CPU to import its libraries, an embedded Kubernetes half a second.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

ZYGOTE = Path(__file__).parent / "zygote.py"
_asking = threading.Lock()  # each answer belongs to the last request


class Fork:
    """A process with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int):
        self.pid = pid
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = -1

    def poll(self) -> int | None:
        """Return None while the process runs; its exit code is not known, so 0 afterwards."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended. Raises subprocess.TimeoutExpired."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return 0

    def send_signal(self, number: int) -> None:
        if self._handle >= 0:
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, seconds: float | None) -> bool:
        """Return whether the process ends within `seconds`; None waits until it does."""
        if self._handle >= 0 and select.select([self._handle], [], [], seconds)[0]:
            os.close(self._handle)
            self._handle = -1
        return self._handle < 0


def start(
    program: str, *arguments: str, cwd: Path, log: Path, environ: Mapping[str, str] | None = None
) -> Fork | subprocess.Popen[bytes]:
    """Start `jupyterhub`, `z2jh_hub.local` or `z2jh_hub.sandbox`, which writes to `log`."""
    variables = dict(os.environ if environ is None else environ)
    if not hasattr(os, "pidfd_open"):
        with log.open("ab") as out:
            command = [sys.executable, "-m", program, *arguments]
            return subprocess.Popen(command, cwd=cwd, env=variables, stdout=out, stderr=out)
    request = {"program": program, "argv": arguments, "cwd": str(cwd), "log": str(log),
               "environ": variables}  # fmt: skip
    with _asking:
        zygote = _zygote()
        assert zygote.stdin
        assert zygote.stdout
        print(json.dumps(request), file=zygote.stdin, flush=True)
        return Fork(int(zygote.stdout.readline()))


class Sandbox(Fork):
    """A child of the sandbox, which ends with an exit code.

    It has imported JupyterHub before it isolates itself, but otherwise does what the real one does.
    """

    def __init__(self, pid: int, code: Path):
        super().__init__(pid)
        self._code = code

    def wait(self, timeout: float | None = None) -> int:
        super().wait(timeout)
        return int(self._code.read_text()) if self._code.exists() else -signal.SIGKILL


def start_sandbox(scratch: Path, environment: Mapping[str, str], log: IO[bytes]) -> Sandbox:
    """Start what `z2jh_hub.sandbox.start_child` does."""
    code = scratch / "exit-code"
    fork = start(
        "z2jh_hub.sandbox", str(scratch), str(code), cwd=scratch / "work", log=Path(log.name),
        environ=environment,
    )  # fmt: skip
    return Sandbox(fork.pid, code)


@cache
def _zygote() -> subprocess.Popen[str]:
    """Return the process that forks, which ends with this one."""
    zygote = subprocess.Popen(
        [sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    atexit.register(zygote.communicate)
    return zygote
