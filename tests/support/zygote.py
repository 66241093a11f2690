"""Start Python programs fast: import what they need once, and fork this process for each.

Reads one request per line from standard input, as JSON: {"program", "argv", "cwd", "log",
"environ"}. Prints the process id of each program on one line.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import jupyterhub.app

from z2jh_hub.hub import lazy_kubernetes

lazy_kubernetes.install()

import kubespawner  # noqa: E402, F401
import oauthenticator  # noqa: E402, F401
from kubernetes_asyncio.config import kube_config  # noqa: E402

import z2jh_hub.hub.configure  # noqa: E402
import z2jh_hub.hub.reload  # noqa: E402
import z2jh_hub.local.__main__ as local  # noqa: E402
import z2jh_hub.spawner  # noqa: E402, F401


def _kubernetes() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(local.main(local.settings_from(sys.argv[1:])))


PROGRAMS: dict[str, Callable[[], None]] = {
    "jupyterhub": jupyterhub.app.main,
    "z2jh_hub.local": _kubernetes,
}


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
        print(child, flush=True)


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
