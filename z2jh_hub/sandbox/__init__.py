"""Try a configuration, with the administrator's own code, in a process of its own.

`run()` gives a child process (`child.py`) the merged values as the hub's mounts, in a
scratch directory, and brings back what a job found out. The child has no network, a time
limit, and none of this process' environment but what finds Python. It is the
administrator's own code: this guards against accidents, not against malice.
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
    from ..values import Values

# seconds; a hub's own configuration takes two or three
LIMIT = 30.0
# what of the environment a Python needs to find itself and its packages
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH")

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


def run(
    values: Values,
    job: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    limit: float = LIMIT,
    cached: bool = True,
) -> dict[str, Any]:
    """What `job` (a name of `child.JOBS`) answers on `values`. Raises Stopped.

    The answer is kept, by the content of all that it depends on, unless `cached` is
    false: as it must be where the answer may hold secrets.
    """
    given = {"job": job, "arguments": dict(arguments or {}), "limit": limit}
    mounted = mounts.of(values)
    variables = mounts.environment(values)
    key = cache.digest(given, mounted, variables, cache.installed()) if cached else ""
    found: dict[str, Any] | None = cache.load("runs", key) if cached else None
    if found is None:
        found = _answer(given, mounted, variables)
        if cached:
            cache.store("runs", key, found)
    return found


def run_alone(job: str, *, limit: float = LIMIT) -> dict[str, Any]:
    """What a job that needs no values answers. Raises Stopped."""
    return _answer({"job": job, "arguments": {}, "limit": limit}, {}, {})


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
        (scratch / "job.json").write_text(json.dumps(given), "utf-8")
        code = _run_child(scratch, variables, given["limit"])
        try:
            answer: dict[str, Any] = json.loads((scratch / "answer.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise _stopped(scratch, code, given["limit"]) from None
        return answer


def _run_child(scratch: Path, variables: Mapping[str, str], limit: float) -> int | None:
    """The child's exit code; None where it had to be killed."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment = {
        "LANG": "C.UTF-8",
        **kept,
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
        "PYTHONHASHSEED": "0",
        **variables,
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
    log = (scratch / "log").read_text("utf-8", "replace")[-2000:]
    stuck = scratch / "stuck"
    trace = stuck.read_text("utf-8", "replace") if stuck.exists() else ""
    frames = tuple((m["file"], int(m["line"])) for m in _FRAME.finditer(trace))
    if frames or code is None:
        return Stopped(f"still running after {limit:g} seconds", frames, log)
    return Stopped(f"ended the process with exit code {code}", (), log)
