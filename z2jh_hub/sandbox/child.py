"""The process in which a configuration is tried. Started by `sandbox.run()`."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path

from . import isolation

# each job's function takes the job's arguments and returns what can be JSON
JOBS = {
    "table": "table:describe",
    "check": "trial:check",
    "login": "login:decide",
    "objects": "objects:of",
    "traits": "traits:of",
}


def main() -> None:
    """Do the job in the scratch directory that the command line names."""
    scratch = Path(sys.argv[1])
    job = json.loads((scratch / "job.json").read_text("utf-8"))
    stuck = (scratch / "stuck").open("w")
    faulthandler.dump_traceback_later(job["limit"], exit=True, file=stuck)
    isolation.refuse_network()
    warnings.simplefilter("ignore")
    # a grammar that takes a second to build, for a format that no schema of JupyterHub has
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    module, _, function = JOBS[job["job"]].partition(":")
    answer = getattr(import_module(f".{module}", __package__), function)(**job["arguments"])
    # the name appears only when the answer is whole
    (scratch / "answer.new").write_text(json.dumps(answer, default=repr), "utf-8")
    (scratch / "answer.new").rename(scratch / "answer.json")
    # threads that somebody's code may have left are not waited for
    os._exit(0)
