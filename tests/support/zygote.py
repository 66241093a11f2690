"""Start Python programs fast: import what they need once, and fork this process for each.

Reads one request per line from standard input, as JSON: {"program", "argv", "cwd", "log",
"environ"}. Prints the process id of each program on one line.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupyterhub.app

from z2jh_hub.hub import lazy_kubernetes

lazy_kubernetes.install()

import kubespawner  # noqa: E402, F401
import oauthenticator  # noqa: E402, F401
from kubernetes_asyncio.config import kube_config  # noqa: E402
from sqlalchemy.orm import configure_mappers  # noqa: E402

import z2jh_hub.hub.configure  # noqa: E402
import z2jh_hub.hub.reload  # noqa: E402
import z2jh_hub.local.__main__ as local  # noqa: E402
import z2jh_hub.spawner  # noqa: E402
from z2jh_hub.sandbox import (  # noqa: E402
    child,
    dry_start,  # noqa: F401
    may_log_in,  # noqa: F401
    objects,  # noqa: F401
    run_checks,  # noqa: F401
    table,  # noqa: F401
)


def _kubernetes() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(local.main(local.settings_from(sys.argv[1:])))


def _sandbox() -> None:
    """Run the sandbox's child in another process, and leave its exit code in a file."""
    code = sys.argv[2]
    # like the real one, which may read the files of what is on the path
    sys.path.append(str(Path(z2jh_hub.__file__).parents[1]))
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        Path(code).write_text(str(os.waitstatus_to_exitcode(status)))
    else:
        child.main()


PROGRAMS: dict[str, Callable[[], None]] = {
    "jupyterhub": jupyterhub.app.main,
    "z2jh_hub.local": _kubernetes,
    "z2jh_hub.sandbox": _sandbox,
}


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    configure_mappers()  # else each fork does, in 0.2 seconds
    gc.freeze()  # the forks share the memory of what is imported
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(request)
        print(pid, flush=True)


def _become(request: dict[str, Any]) -> None:
    """Run a program like `python -m PROGRAM`; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(request["cwd"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(request["environ"])
    importlib.reload(kube_config)  # reads KUBECONFIG as it is imported
    extra = request["environ"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in extra if path and path not in sys.path]
    sys.argv = [request["program"], *request["argv"]]
    code: object = 1
    try:
        PROGRAMS[request["program"]]()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    main()
