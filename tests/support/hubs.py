"""A real `jupyterhub` with mounts that a test writes, and a substitute for the proxy's API."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources

from .forks import Fork

START_DEADLINE = 60  # seconds

Process = subprocess.Popen[bytes] | Fork

# a snippet that sets a custom spawner class
OWN_CLASS = """
from kubespawner import KubeSpawner

class Ours(KubeSpawner):
    async def start(self):
        self.environment["OURS"] = "1"
        return await super().start()

c.JupyterHub.spawner_class = Ours
"""


class NoRoutes(http.server.BaseHTTPRequestHandler):
    """A substitute for the proxy's API that accepts every route and lists none."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    """Serve HTTP in the `with` block, on the port that it yields."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Hub:
    """A running hub: its process, URL, log and API token."""

    def __init__(self, process: Process, port: int, log: Path, token: str):
        self.process, self.log, self.token = process, log, token
        self.url = f"http://127.0.0.1:{port}/hub/"

    def api(
        self, path: str, method: str = "GET", body: Any = None, token: str = ""
    ) -> tuple[int, Any]:
        """Send a request to the hub's API, without `token` as an administrator.

        Returns (status, answer).
        """
        request = urllib.request.Request(
            f"{self.url}api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token or self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def progress(self, server: str) -> list[dict[str, Any]]:
        """Return all events of the start of `users/{server}`, once it has succeeded or failed."""
        return list(self.events(server))

    def events(self, server: str) -> Iterator[dict[str, Any]]:
        """Yield the events of the start of `users/{server}` as they arrive."""
        return progress(f"{self.url}api/users/{server}/progress", self.token)

    def kill(self) -> None:
        """Kill the hub, as when its node fails."""
        self.process.kill()
        self.process.wait()

    def wait(self) -> None:
        """Wait until the hub is healthy."""
        wait_until(lambda: answers(f"{self.url}health"), self.process, self.log)


def progress(url: str, token: str) -> Iterator[dict[str, Any]]:
    """Yield the events of a start from the API at `url`, until it succeeds or fails."""
    with _progress(url, token) as answer:
        for line in answer:
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                yield event
                if event.get("failed") or event.get("ready"):
                    return


def _progress(url: str, token: str) -> Any:
    """Open the stream; JupyterHub refuses it (400) while it cleans up after a failed start."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})
    deadline = time.monotonic() + START_DEADLINE
    while True:
        try:
            return urllib.request.urlopen(request, timeout=START_DEADLINE)
        except urllib.error.HTTPError as error:
            if error.code != 400 or time.monotonic() > deadline:
                raise
        time.sleep(0.2)


def answers(url: str) -> bool:
    """Return whether a GET of `url` succeeds."""
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(
    condition: Callable[[], bool],
    process: Process,
    log: Path,
    seconds: float = START_DEADLINE,
) -> None:
    """Wait until `condition` holds; fail with the log if the process exits or time runs out."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def write_mounts(root: Path, values: dict[str, Any], port: int, proxy: int, token: str) -> None:
    secret, files = root / "secret", root / "jupyterhub_config.d"
    secret.mkdir(parents=True, exist_ok=True)
    files.mkdir(exist_ok=True)
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    defaults["cull"]["enabled"] = False
    (secret / "values.yaml").write_text(yaml.safe_dump(sources.merge_as_helm(defaults, values)))
    (secret / "hub.config.JupyterHub.cookie_secret").write_text("ab" * 32)
    (secret / "hub.config.CryptKeeper.keys").write_text("cd" * 32)
    (files / "place.py").write_text(
        f'c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}"\n'
        # fake pods share one listener on their port, which another test may use
        f"c.KubeSpawner.port = {free_port()}\n"
        f'c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"\n'
        f'c.JupyterHub.services.append({{"name": "tests", "api_token": "{token}"}})\n'
        'c.JupyterHub.load_roles.append({"name": "tests", "services": ["tests"], "scopes": '
        '["admin:users", "admin:servers", "admin:groups"]})\n'
    )
