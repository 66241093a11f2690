"""A real configurable-http-proxy that a test can kill and restart."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

from z2jh_hub.local.dev import proxy

from .hubs import free_port, wait_until

TOKEN = "x"  # the token of the hubs that `start_hub` starts


class Proxy:
    """A proxy that runs in the `with` block, on the same two ports after each restart."""

    def __init__(self, log: Path) -> None:
        self.log, self.port, self.api_port = log, free_port(), free_port()

    def __enter__(self) -> Proxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        command = proxy.command(
            proxy.install(),
            port=self.port,
            api_port=self.api_port,
            hub_port=1,
            errors=self.log.with_suffix(".errors"),
        )
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=out,
                env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": TOKEN},
            )
        wait_until(self._answers, self.process, self.log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def routes(self) -> set[str]:
        """Return the paths that a hub has registered."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api_port}/api/routes",
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            routes = json.loads(answer.read())
        return {path for path, route in routes.items() if "jupyterhub" in route}

    def _answers(self) -> bool:
        try:
            self.routes()
        except OSError:
            return False
        return True
