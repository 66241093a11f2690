"""The embedded Kubernetes as a process to which a test sends requests and faults."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import forks
from .hubs import wait_until

NS = "default"


class Cluster:
    """`python -m z2jh_hub.local`, which runs in the `with` block."""

    def __init__(self, state: Path, *arguments: str):
        self.state, self.arguments = state, arguments
        self.kubeconfig = state / "kubeconfig"
        self.log = state.parent / f"{state.name}.log"

    def __enter__(self) -> Cluster:
        ready = self.state.parent / f"{self.state.name}.ready"
        ready.unlink(missing_ok=True)
        self.process = forks.start(
            "z2jh_hub.local", *self.arguments, "--state", str(self.state), "--ready-file",
            str(ready), cwd=Path.cwd(), log=self.log,
        )  # fmt: skip
        wait_until(ready.exists, self.process, self.log)
        self.url = json.loads(ready.read_text())["url"]
        self.token = (self.state / "token").read_text().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def call(self, method: str, path: str, body: Any = None, kind: str = "json") -> Any:
        """Send a request; return the answer, or None for 404.

        `path` is absolute, or relative to the namespace.
        """
        target = path if path.startswith("/") else f"/api/v1/namespaces/{NS}/{path}"
        request = urllib.request.Request(
            self.url + target,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": f"application/{kind}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise AssertionError(f"{method} {target}: {error.read().decode()}") from None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def names(self, kind: str) -> list[str]:
        return [each["metadata"]["name"] for each in self.get(kind)["items"]]

    def fault(self, action: str, **more: Any) -> None:
        """Inject a fault (see `z2jh_hub.local.faults`)."""
        self.call("POST", "/faults", {"action": action, **more})

    def heal(self) -> None:
        """Remove all faults."""
        self.call("DELETE", "/faults")
