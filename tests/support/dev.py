"""A real `z2jh dev`, and a user who sends HTTP requests to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests
import yaml

from z2jh_hub.hub.culling import record
from z2jh_hub.local.state import read_json

from .hubs import free_port

PASSWORD = "a-password-for-tests"
ADMIN_PASSWORD = "another-password-for-the-admin-of-tests"
COMMAND = [sys.executable, "-c", "from z2jh_hub.cli import main; main()"]

VALUES: dict[str, Any] = {
    "hub": {
        "allowNamedServers": True,
        "config": {
            "JupyterHub": {"authenticator_class": "shared-password"},
            "SharedPasswordAuthenticator": {
                "user_password": PASSWORD,
                "admin_password": ADMIN_PASSWORD,
            },
            "Authenticator": {"allow_all": True, "admin_users": ["admin"]},
        },
    },
    "singleuser": {"storage": {"capacity": "1Gi"}},
    "cull": {"enabled": False},
}


def until(condition: Callable[[], Any], what: str, limit: float = 120) -> Any:
    """Wait until a condition is true and return its value; fail after `limit` seconds."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {limit:g} s")


def z2jh(*arguments: str | Path, answer: str = "") -> subprocess.CompletedProcess[str]:
    """Run a z2jh command and wait until it exits."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=answer,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


class Dev:
    """A `z2jh dev` that runs in `folder`. Another one with the same folder reuses its state."""

    def __init__(self, folder: Path, values: Any, *arguments: str, port: int | None = None):
        self.folder, self.state = folder, folder / "state"
        self.file, self.output = folder / "config.yaml", folder / "output"
        self.file.write_text(yaml.safe_dump(values))
        self.port = port or free_port()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "dev", f"--values={self.file}", f"--state={self.state}",
                 f"--port={self.port}", *arguments],
                stdout=output,
                stderr=output,
            )  # fmt: skip

    def printed(self) -> str:
        """Return the output so far."""
        return self.output.read_text("utf-8")

    def ready(self) -> Dev:
        """Wait until it prints that it is ready."""
        until(lambda: "Ready after" in self.printed() or self.ended(), "startup", 100)
        assert not self.ended(), self.printed()
        return self

    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def url(self) -> str:
        """The URL that it printed."""
        match = re.search(r"Ready after .*?(http://\S+)", self.printed())
        assert match, self.printed()
        return match[1]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, wait until it exits, and return the exit code."""
        if not self.ended():
            self.process.send_signal(number)
        return self.process.wait(60)

    def record(self, name: str) -> dict[str, Any]:
        """Return the record of the running `api`, `proxy` or `hub`."""
        return read_json(self.state / "run" / f"{name}.json") or {}

    def pid(self, name: str) -> int:
        return int(self.record(name)["pid"])

    def ps(self) -> dict[str, Any]:
        done = z2jh("dev", "ps", "--state", self.state, "--format", "json")
        assert done.returncode == 0, done.stderr
        listed: dict[str, Any] = json.loads(done.stdout)
        return listed

    def processes(self) -> list[psutil.Process]:
        """Return every process that uses this directory or its hub, without `dev` itself."""
        return list(self._processes())

    def _processes(self) -> Iterator[psutil.Process]:
        ports = self.state / "ports.json"
        hub = f":{json.loads(ports.read_text())['hub']}/" if ports.exists() else "\0"
        for each in psutil.process_iter():
            try:
                if each.pid in (self.process.pid, os.getpid()):
                    continue
                if each.status() == psutil.STATUS_ZOMBIE:
                    continue
                env, words = each.environ(), " ".join(each.cmdline())
            except (psutil.Error, OSError):
                continue
            texts = [env.get("KUBECONFIG", ""), env.get("HOME", ""), words]
            if any(str(self.state) in text for text in texts) or (
                hub in env.get("JUPYTERHUB_API_URL", "")
            ):
                yield each

    def cullers(self) -> list[tuple[Sequence[str], float]]:
        """Return the command and the start of each culler that runs inside the hub."""
        hub = psutil.Process(self.pid("hub"))
        return list(record.read(Path(hub.cwd()), hub.pid, hub.create_time()))


class Person:
    """A user with the cookies of a browser, who logs in when this is created."""

    def __init__(self, dev: Dev, name: str, password: str = PASSWORD) -> None:
        self.url, self.name = dev.url, name
        self.session = requests.Session()
        self.session.trust_env = False
        page = self.get("hub/login")
        answer = self.session.post(
            f"{self.url}hub/login",
            data={"username": name, "password": password, "_xsrf": self._xsrf()},
            headers={"Referer": page.url},
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 302, answer.text

    def _xsrf(self) -> str:
        return self._cookie(f"{self.url}hub/")

    def _cookie(self, url: str) -> str:
        """Return the XSRF cookie for requests below `url`."""
        wanted = ("_xsrf", urlsplit(url).path)
        values = [c.value for c in self.session.cookies if (c.name, c.path) == wanted]
        return values[0] or "" if values else ""

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.url}{path}", timeout=60)

    def api(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Send a request to the hub's API as this user."""
        return self.session.request(
            method,
            f"{self.url}hub/api/{path}",
            json=body,
            headers={"X-XSRFToken": self._xsrf(), "Referer": f"{self.url}hub/home"},
            timeout=60,
        )

    def model(self) -> dict[str, Any]:
        model: dict[str, Any] = self.api("GET", f"users/{self.name}").json()
        return model

    def servers(self) -> dict[str, Any]:
        """Return the servers of this user from the hub's API."""
        return dict(self.model()["servers"])

    def start(self, server: str = "", options: Any = None) -> None:
        """Start a server and wait until it is ready."""
        answer = self.ask_for(server, options)
        assert answer.status_code in (201, 202), answer.text
        until(lambda: self.servers().get(server, {}).get("ready"), f"{self.name}'s server")

    def ask_for(self, server: str = "", options: Any = None) -> requests.Response:
        return self.api("POST", self._path(server), options)

    def stop(self, server: str = "") -> None:
        answer = self.api("DELETE", self._path(server))
        assert answer.status_code in (202, 204), answer.text
        self.until_stopped(server)

    def until_stopped(self, server: str = "") -> None:
        def stopped() -> bool:
            known = self.model()["servers"].get(server)
            return not known or known.get("stopped", False)

        until(stopped, f"the end of {self.name}'s server")

    def _path(self, server: str) -> str:
        return f"users/{self.name}/servers/{server}" if server else f"users/{self.name}/server"

    def progress(self, server: str = "") -> Iterator[dict[str, Any]]:
        """Yield the events of a starting server until it is ready or has failed."""
        with self.session.get(
            f"{self.url}hub/api/{self._path(server)}/progress", stream=True, timeout=60
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith(b"data:"):
                    yield json.loads(line.removeprefix(b"data:"))

    def own(self, method: str, path: str, body: Any = None, server: str = "") -> requests.Response:
        """Send a request to the server of this user, as its page would."""
        base = f"{self.url}user/{self.name}/" + (f"{server}/" if server else "")
        headers = {"X-XSRFToken": self._cookie(base), "Referer": f"{base}lab"}
        answer = self.session.request(method, base + path, json=body, headers=headers, timeout=60)
        if answer.status_code == 403:  # the page logs in to the server, once after each start
            self.session.get(base, timeout=60)
            headers["X-XSRFToken"] = self._cookie(base)
            answer = self.session.request(
                method, base + path, json=body, headers=headers, timeout=60
            )
        return answer

    def write(self, name: str, text: str, server: str = "") -> None:
        """Save a file in the home through the server."""
        body = {"type": "file", "format": "text", "content": text}
        answer = self.own("PUT", f"api/contents/{name}", body, server)
        assert answer.status_code in (200, 201), answer.text

    def read(self, name: str, server: str = "") -> str:
        answer = self.own("GET", f"api/contents/{name}", server=server)
        assert answer.status_code == 200, answer.text
        model = answer.json()
        assert "content" in model, (answer.url, answer.history, answer.text)
        return str(model["content"])


def merged(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    from z2jh_hub.config import sources

    return sources.merge(values, over)


def gone(processes: Sequence[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)
