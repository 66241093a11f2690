"""Try a configuration, with the administrator's own code, in a process of its own.

`run()` gives a child process (`child.py`) the merged values as the hub's mounts, in a
scratch directory, and brings back what a job found out. The child has no network and no other
processes, limits of time, memory and output, none of this process' environment but what
finds Python, and no files but its own and Python's (see `isolation`). Where the system cannot
keep it from the network, the code is not run unless the caller says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import cache, mounts

if TYPE_CHECKING:
    from ..config.values import Values

# seconds; a hub's own configuration takes two or three
LIMIT = 30.0
# what of the environment a Python needs to find itself and its packages
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH")

_LACKING = {
    "network": "the Python of these files ran without isolation: it could use the network, "
    "as this system cannot prevent it",
    "files": "the Python of these files could read and write the files of this account: "
    "this system has no Landlock",
}
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)', re.MULTILINE)


@dataclass
class Stopped(Exception):
    """The child ended without an answer: at the limit, or by itself.

    `frames` are the (file, line) in which it was, innermost first, where that is known;
    `log` is the end of what it wrote.
    """

    reason: str
    frames: tuple[tuple[str, int], ...] = ()
    log: str = ""

    def __str__(self) -> str:
        return self.reason


class NotIsolated(Stopped):
    """The system cannot keep the child from the network, so that nothing was run."""


NOT_RUN = (
    "was not run: this system cannot keep its Python from the network "
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
    """What `job` (a name of `child.JOBS`) answers on `values`. Raises Stopped, NotIsolated.

    `run_anyway` runs it where it cannot be kept from the network, too. The answer's `lacking`
    names what it could not be kept from: "network", "files".

    The answer is kept, by the content of all that it depends on, unless `cached` is
    false: as it must be where the answer may hold secrets.
    """
    given = {
        "job": job, "arguments": dict(arguments or {}), "limit": limit, "run_anyway": run_anyway
    }  # fmt: skip
    mounted = mounts.of(values)
    variables = mounts.environment(values)
    key = cache.digest(given, mounted, variables, cache.installed()) if cached else ""
    found: dict[str, Any] | None = cache.load("runs", key) if cached else None
    if found is None:
        found = _answer(given, mounted, variables)
        if cached:
            cache.store("runs", key, found)
    return found


def warnings(answer: Mapping[str, Any]) -> list[str]:
    """What an answer's code could do that it should not have been able to, a sentence each."""
    return [_LACKING[kind] for kind in answer["lacking"]]


def run_alone(job: str, *, limit: float = LIMIT) -> dict[str, Any]:
    """What a job that needs no values answers. Raises Stopped."""
    given = {"job": job, "arguments": {}, "limit": limit, "run_anyway": True}
    return _answer(given, {}, {})


def _answer(
    given: Mapping[str, Any], mounted: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, Any]:
    # on macOS the temporary directory is behind a link, and code compares paths
    with tempfile.TemporaryDirectory(prefix="z2jh-", ignore_cleanup_errors=True) as name:
        scratch = Path(name).resolve()
        for folder in ("work", "home", "tmp", "mounts"):
            (scratch / folder).mkdir()
        for path, text in mounted.items():
            file = scratch / "mounts" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        job = {**given, "variables": dict(variables)}
        (scratch / "job.json").write_text(json.dumps(job), "utf-8")
        code = _run_child(scratch, given["limit"])
        try:
            written = json.loads((scratch / "answer.json").read_text("utf-8"))
            if "refused" in written:
                raise NotIsolated(NOT_RUN)
            answer: dict[str, Any] = {**written["answer"], "lacking": written["lacking"]}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise _stopped(scratch, code, given["limit"]) from None
        return answer


def _run_child(scratch: Path, limit: float) -> int | None:
    """The child's exit code; None where it had to be killed."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment = {
        "LANG": "C.UTF-8",
        **kept,
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
        "PYTHONHASHSEED": "0",
        "Z2JH_CONFIG_ROOT": str(scratch / "mounts"),
    }
    program = f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "
    program += "from z2jh_hub.sandbox.child import main; main()"
    with (scratch / "log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", program, str(scratch)],
            cwd=scratch / "work",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            # the child ends itself at the limit, so as to say where it was
            return child.wait(timeout=limit + 3)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # and all that the code may have started
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _stopped(scratch: Path, code: int | None, limit: float) -> Stopped:
    log = _end_of(scratch / "log")
    stuck = scratch / "stuck"
    trace = stuck.read_text("utf-8", "replace") if stuck.exists() else ""
    frames = tuple((m["file"], int(m["line"])) for m in _FRAME.finditer(trace))
    if frames or code is None:
        return Stopped(f"still running after {limit:g} seconds", frames, log)
    return Stopped(f"ended the process with exit code {code}", (), log)


def _end_of(file: Path, most: int = 2000) -> str:
    """The end of a file that may be large."""
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - most))
        return stream.read().decode("utf-8", "replace")
