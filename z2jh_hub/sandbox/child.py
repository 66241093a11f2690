"""The isolated child process, started by `sandbox.run()`."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TextIO

from . import isolation, scratch_files

# job → module:function, which takes the job's arguments and returns JSON-serializable data
JOBS = {
    "table": "table:describe",
    "check": "run_checks:check",
    "login": "may_log_in:decide",
    "objects": "objects:of",
    "traits": "traits:of",
}


def main() -> None:
    """Run the job in the scratch directory that the command line names."""
    scratch = Path(sys.argv[1])
    job = json.loads((scratch / "job.json").read_text("utf-8"))
    isolation.end_with_parent(job["limit"])
    # opened now, because code in the sandbox must not replace them: the parent reads them
    results = (scratch / scratch_files.ANSWER).open("w", encoding="utf-8")
    stuck = (scratch / scratch_files.STUCK).open("w")
    lacking = isolation.isolate(scratch)
    faulthandler.dump_traceback_later(job["limit"], exit=True, file=stuck)
    if "network" in lacking and not job["run_anyway"]:
        _answer(results, {"refused": lacking})
    # only after the isolation, because they may load code (LD_PRELOAD, PYTHONPATH)
    root = os.environ["Z2JH_CONFIG_ROOT"]
    os.environ.update(job["variables"], Z2JH_CONFIG_ROOT=root)
    sys.path += filter(None, job["variables"].get("PYTHONPATH", "").split(os.pathsep))
    warnings.simplefilter("ignore")
    # takes a second to import, for a format that JupyterHub's schemas do not use
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    module, _, function = JOBS[job["job"]].partition(":")
    try:
        answer = getattr(import_module(f".{module}", __package__), function)(**job["arguments"])
    except Exception as error:
        traceback.print_exc()
        _answer(results, {"failed": _described(error)})
    _answer(results, {"answer": answer, "lacking": lacking})


def _described(error: Exception) -> dict[str, Any]:
    """Describe an error that no job expects, without the secrets of the values."""
    from ..config.values import from_mounts
    from ..masking import Mask
    from .load_config import describe

    try:
        mask = Mask(from_mounts().get(()))
    except Exception:
        return {"type": type(error).__name__, "message": "", "frames": []}
    return describe(error, mask)


def _answer(results: TextIO, answer: dict[str, Any]) -> NoReturn:
    # an answer that is not complete is no JSON, which the parent notices
    results.write(json.dumps(answer, default=repr))
    results.flush()
    # do not wait for threads of the administrator's code
    os._exit(0)
