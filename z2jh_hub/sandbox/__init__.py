"""Run a configuration, including the administrator's Python, in an isolated child process.

`run()` writes the merged values to a scratch directory as the hub's mounts, starts a child process
(`child.py`) there, and returns the answer of a job. The child cannot use the network, start
processes, or access files other than its own and Python's; its time, memory and output are limited;
of the caller's environment it gets only what locates Python (see `isolation`). If the system cannot
block its network access, the code is not run unless the caller insists.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from . import cache, mounts, scratch_files

if TYPE_CHECKING:
    from ..config.values import Values

# seconds; a hub's own configuration takes two or three
LIMIT = 30.0
# environment variables that Python needs to locate itself and its packages
PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH")

_WARNINGS = {
    "network": "the Python in these files ran without isolation, because this system cannot "
    "block its network access",
    "files": "the Python in these files could read and write the files of this account, because "
    "this system has no Landlock",
}
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)', re.MULTILINE)


@dataclass
class Stopped(Exception):
    """The child ended without an answer: it exited, or exceeded its time limit.

    `frames` are the (file, line) pairs of its stack, innermost first, if known; `log` is the
    end of its output.
    """

    reason: str
    frames: tuple[tuple[str, int], ...] = ()
    log: str = ""

    def __str__(self) -> str:
        return self.reason


class JobFailed(Stopped):
    """The job raised an error that it does not expect, possibly because of a bug in it."""


class NotIsolated(Stopped):
    """Nothing was run, because the system cannot block network access."""


NOT_RUN = (
    "was not run, because this system cannot block network access of its Python "
    "(pass --run-anyway to run it without isolation)"
)


def run(
    values: Values,
    job: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    limit: float = LIMIT,
    cached: bool = True,
    run_anyway: bool = False,
) -> dict[str, Any]:
    """Return the answer of `job` (one of `child.JOBS`) on `values`. Raises Stopped, NotIsolated.

    With `run_anyway`, the job is run even if its network access cannot be blocked. `lacking` in
    the answer lists what could not be blocked: "network", "files".

    The answer is cached by the content of everything it depends on, unless `cached` is false.
    Pass false if the answer may contain secrets.
    """
    request = {
        "job": job, "arguments": dict(arguments or {}), "limit": limit, "run_anyway": run_anyway
    }  # fmt: skip
    mounted = mounts.of(values)
    variables = mounts.environment(values)
    key = cache.digest(request, mounted, variables, cache.installed()) if cached else ""
    answer: dict[str, Any] | None = cache.load("runs", key) if cached else None
    if answer is None:
        answer = _answer(request, mounted, variables)
        if cached:
            cache.store("runs", key, answer)
    return answer


def warnings(answer: Mapping[str, Any]) -> list[str]:
    """Return a warning for each kind of access that could not be blocked."""
    return [_WARNINGS[kind] for kind in answer["lacking"]]


def run_alone(job: str, *, limit: float = LIMIT) -> dict[str, Any]:
    """Return the answer of a job that needs no values. Raises Stopped."""
    request = {"job": job, "arguments": {}, "limit": limit, "run_anyway": True}
    return _answer(request, {}, {})


def _answer(
    request: Mapping[str, Any], mounted: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, Any]:
    with scratch_files.directory() as scratch:
        for folder in (*scratch_files.WRITABLE, "mounts"):
            (scratch / folder).mkdir()
        for path, text in mounted.items():
            file = scratch / "mounts" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        job = {**request, "variables": dict(variables)}
        (scratch / "job.json").write_text(json.dumps(job), "utf-8")
        code = _run_child(scratch, request["limit"])
        try:
            written = json.loads(scratch_files.read(scratch / scratch_files.ANSWER))
            if "refused" in written:
                raise NotIsolated(NOT_RUN)
            if "failed" in written:
                raise _job_failed(written["failed"], scratch)
            answer: dict[str, Any] = {**written["answer"], "lacking": written["lacking"]}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise _stopped(scratch, code, request["limit"]) from None
        return answer


def _run_child(scratch: Path, limit: float) -> int | None:
    """Return the exit code of the child; None if it was killed."""
    passed = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    environment = {
        "LANG": "C.UTF-8",
        **passed,
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
        "PYTHONHASHSEED": "0",
        "Z2JH_CONFIG_ROOT": str(scratch / "mounts"),
    }
    with (scratch / "log").open("wb") as log:
        child = start_child(scratch, environment, log)
        try:
            return _wait(child, scratch, limit)
        finally:
            # also ends processes that the code may have started
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _wait(child: subprocess.Popen[bytes], scratch: Path, limit: float) -> int | None:
    """Return the exit code of the child; None if it is still running. Raises Stopped."""
    # the child exits by itself at the limit, to report its stack
    end = time.monotonic() + limit + 3
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=min(0.5, max(0.0, end - time.monotonic())))
        if scratch_files.is_full(scratch):
            raise Stopped(f"wrote more than {scratch_files.MOST_BYTES >> 20} MiB or too many files")
    return None


def start_child(
    scratch: Path, environment: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start `child.main` in its own session; it writes to `log`."""
    program = f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "
    program += "from z2jh_hub.sandbox.child import main; main()"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, str(scratch)],
        cwd=scratch / "work",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _job_failed(error: Mapping[str, Any], scratch: Path) -> JobFailed:
    """Return the exception for an error that the job did not expect."""
    reason = ": ".join(filter(None, (error["type"], error["message"])))
    frames = tuple((str(file), int(line)) for file, line in error["frames"])
    return JobFailed(f"raised {reason}", frames, _end_of(scratch / "log"))


def _stopped(scratch: Path, code: int | None, limit: float) -> Stopped:
    log = _end_of(scratch / "log")
    try:
        trace = scratch_files.read(scratch / scratch_files.STUCK)
    except OSError:
        trace = ""
    frames = tuple((m["file"], int(m["line"])) for m in _FRAME.finditer(trace))
    if frames or code is None:
        return Stopped(f"still running after {limit:g} seconds", frames, log)
    return Stopped(f"ended the process with exit code {code}", (), log)


def _end_of(file: Path, most: int = 2000) -> str:
    """Return the end of a possibly large file."""
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - most))
        return stream.read().decode("utf-8", "replace")
