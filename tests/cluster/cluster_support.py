"""A release of the chart on a real cluster, as the cluster tests use it."""

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
TOKEN = "0123456789abcdef" * 4  # the tests' own service's
PASSWORD = "a-password-of-the-tests"

# what every release here is given: who may log in, a service for the tests, small pods
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
    """The chart, installed by the real Helm."""

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
            where = f"--namespace={self.namespace.name}"
            command = [self.helm, "upgrade", "--install", self.name, str(chart), where, *files]
            try:
                run(*command, "--wait", "--timeout=4m", timeout=260)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{self.state()}") from None

    def uninstall(self) -> None:
        """Take it away, where it is there, with what belongs to the whole cluster."""
        where = f"--namespace={self.namespace.name}"
        run(self.helm, "uninstall", self.name, where, "--wait", "--ignore-not-found")

    def state(self) -> str:
        """What an administrator would look at when it does not start."""
        look = self.namespace.kubectl
        hub = ["logs", "--selector=component=hub", "--tail=40", "--ignore-errors"]
        return "\n".join((look("get", "pods", "--output=wide"), look("get", "events"), look(*hub)))

    @contextlib.contextmanager
    def reached(self) -> Iterator[Hub]:
        with self.namespace.forward("svc/proxy-public", "http") as address:
            yield Hub(f"http://{address}", self.namespace)


class Hub:
    """A hub behind its proxy."""

    def __init__(self, url: str, namespace: Namespace):
        self.url, self.namespace = url, namespace

    def call(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> tuple[int, Any]:
        """(status, answer) of the hub's API as the tests' service; status 0: no answer."""
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
        """Start the user's server and wait for it: its pod."""
        status, _ = self.call("GET", f"/hub/api/users/{user}")
        if status == 404:
            self.api("POST", f"users/{user}")
        self.api("POST", f"users/{user}/server")
        wait_until(f"{user}'s server", lambda: self.ready(user), timeout)
        return f"jupyter-{user}"

    def ready(self, user: str) -> bool:
        """Whether the user's server is; fails where it has ended instead."""
        server = self.server(user)
        assert server, f"{user}'s server did not start:\n{self.log()}"
        return bool(server.get("ready"))

    def log(self) -> str:
        """The end of the hub's log."""
        return self.namespace.kubectl("logs", "--selector=component=hub", "--tail=40")

    def stop(self, user: str) -> None:
        self.api("DELETE", f"users/{user}/server")
        wait_until(f"{user}'s server stops", lambda: not self.server(user))
        pod = f"pod/jupyter-{user}"
        self.namespace.kubectl("wait", "--for=delete", pod, "--timeout=60s")

    def server(self, user: str) -> dict[str, Any]:
        """What the hub says of the user's default server, {} where it has none."""
        servers: dict[str, Any] = self.api("GET", f"users/{user}")["servers"]
        found: dict[str, Any] = servers.get("", {})
        return found

    def answers(self, user: str) -> bool:
        """Whether the user's server answers through the proxy."""
        return self.call("GET", f"/user/{user}/api")[0] == 200


def _read(answer: Any) -> Any:
    text = answer.read().decode()
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
