"""A release of the chart on a real cluster, and the API of its hub."""

from __future__ import annotations

import contextlib
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from namespaces import SLOW, Namespace, run, wait_until

ROOT = Path(__file__).parents[2]
CHART = ROOT / "chart"
TOKEN = "0123456789abcdef" * 4  # the token of the service `tests`
PASSWORD = "a-password-of-the-tests"

# values of every release: a login for anyone, a service for the tests, small pods
VALUES: dict[str, Any] = {
    "hub": {
        "config": {
            "JupyterHub": {"authenticator_class": "dummy"},
            "DummyAuthenticator": {"password": PASSWORD, "allow_all": True},
        },
        "services": {"tests": {"apiToken": TOKEN}},
        "loadRoles": {
            "tests": {
                "services": ["tests"],
                "scopes": [
                    "admin:users",
                    "admin:servers",
                    "access:servers",
                    "proxy",
                    "shutdown",
                    "tokens",
                ],
            }
        },
    },
    "proxy": {"service": {"type": "ClusterIP"}},
    "singleuser": {"storage": {"capacity": "100Mi"}, "memory": {"guarantee": "64M"}},
}


class Release:
    """A release of the chart, installed by the real Helm."""

    def __init__(self, namespace: Namespace, name: str, helm: str = "helm"):
        self.namespace, self.name, self.helm = namespace, name, helm

    def upgrade(self, *more: dict[str, Any], chart: Path = CHART) -> None:
        """Install or upgrade, and wait until everything is ready."""
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, values in enumerate([VALUES, *more]):
                file = Path(folder, f"{number}.yaml")
                file.write_text(yaml.safe_dump(values))
                files.append(f"--values={file}")
            namespace = f"--namespace={self.namespace.name}"
            command = [self.helm, "upgrade", "--install", self.name, str(chart), namespace, *files]
            try:
                run(*command, "--wait", "--timeout=4m", timeout=260)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{self.state()}") from None

    def uninstall(self) -> None:
        """Uninstall the release, if it exists, with its cluster-wide objects."""
        namespace = f"--namespace={self.namespace.name}"
        run(self.helm, "uninstall", self.name, namespace, "--wait", "--ignore-not-found")

    def state(self) -> str:
        """Return pods, events and the hub's log, to explain a failure."""
        kubectl = self.namespace.kubectl
        hub = ["logs", "--selector=component=hub", "--tail=40", "--ignore-errors"]
        pods, events = kubectl("get", "pods", "--output=wide"), kubectl("get", "events")
        return "\n".join((pods, events, kubectl(*hub)))

    @contextlib.contextmanager
    def reached(self) -> Iterator[Hub]:
        with self.namespace.forward("svc/proxy-public", "http") as address:
            yield Hub(f"http://{address}", self.namespace)


class Hub:
    """A hub, reached through its proxy."""

    def __init__(self, url: str, namespace: Namespace):
        self.url, self.namespace = url, namespace

    def call(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> tuple[int, Any]:
        """Send a request as the service `tests`; return (status, answer), or (0, error)."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _read(error)
        except OSError as error:
            return 0, str(error)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.call(method, f"/hub/api/{path}", body)
        assert 200 <= status < 300, (method, path, status, answer)
        return answer

    def start(self, user: str, timeout: float = SLOW) -> str:
        """Start the user's server, wait until it is ready, and return the name of its pod."""
        status, _ = self.call("GET", f"/hub/api/users/{user}")
        if status == 404:
            self.api("POST", f"users/{user}")
        self.api("POST", f"users/{user}/server")
        wait_until(f"{user}'s server", lambda: self.ready(user), timeout)
        return f"jupyter-{user}"

    def ready(self, user: str) -> bool:
        """Return whether the user's server is ready; fail if it has stopped."""
        server = self.server(user)
        assert server, f"{user}'s server did not start:\n{self.log()}"
        return bool(server.get("ready"))

    def log(self) -> str:
        """Return the end of the hub's log."""
        return self.namespace.kubectl("logs", "--selector=component=hub", "--tail=40")

    def stop(self, user: str) -> None:
        self.api("DELETE", f"users/{user}/server")
        wait_until(f"{user}'s server stops", lambda: not self.server(user))
        pod = f"pod/jupyter-{user}"
        self.namespace.kubectl("wait", "--for=delete", pod, "--timeout=60s")

    def server(self, user: str) -> dict[str, Any]:
        """Return the user's default server from the hub's API, or {} if there is none."""
        servers: dict[str, Any] = self.api("GET", f"users/{user}")["servers"]
        server: dict[str, Any] = servers.get("", {})
        return server

    def answers(self, user: str) -> bool:
        """Return whether the user's server answers through the proxy."""
        return self.call("GET", f"/user/{user}/api")[0] == 200


def _read(answer: Any) -> Any:
    text = answer.read().decode()
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
