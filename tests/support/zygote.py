"""Start many hubs fast: import JupyterHub once, and fork this process for each hub.

Reads one request per line from standard input, as JSON: {"argv", "cwd", "log", "environ"}.
Prints the process id of each hub on one line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import jupyterhub.app
import kubespawner  # noqa: F401
import oauthenticator  # noqa: F401

import z2jh_hub.hub.configure  # noqa: F401


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become_hub(request)
        print(child, flush=True)


def _become_hub(request: dict[str, Any]) -> None:
    """Run JupyterHub like `python -m jupyterhub`; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(request["cwd"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.argv = ["jupyterhub", *request["argv"]]
    code: object = 1
    try:
        jupyterhub.app.main()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
