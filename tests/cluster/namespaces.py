"""A namespace of a real cluster, and kubectl in it."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import yaml

SLOW = 180  # seconds: a pod on two busy cores


def run(*command: str, stdin: str | None = None, timeout: float = SLOW) -> str:
    """Run a command and return its output; fail with all output if it fails."""
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=timeout)
    assert not done.returncode, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def wait_until(what: str, condition: Callable[[], Any], timeout: float = SLOW) -> Any:
    """Wait until `condition` is true and return its value; fail with `what` after `timeout`."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not in {timeout} seconds: {what}"
        time.sleep(0.3)
    return value


ENFORCE = "pod-security.kubernetes.io/enforce"


class Namespace:
    """A namespace that exists during the tests; `enforce` is its Pod Security Standard."""

    def __init__(self, name: str, enforce: str = "restricted"):
        self.name, self._enforced = name, enforce

    def __enter__(self) -> Namespace:
        self.delete()
        labels = {ENFORCE: self._enforced, "z2jh-test": "true"}
        self.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": self.name, "labels": labels},
            }
        )
        wait_until(
            "the default service account", lambda: "default" in self.names("serviceaccounts")
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.delete()

    def delete(self) -> None:
        run("kubectl", "delete", "namespace", self.name, "--ignore-not-found", "--timeout=120s")

    def enforce(self, level: str) -> None:
        """Change the Pod Security Standard of the namespace."""
        run("kubectl", "label", "--overwrite", "namespace", self.name, f"{ENFORCE}={level}")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return run("kubectl", "--namespace", self.name, *arguments, stdin=stdin)

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", stdin=yaml.safe_dump_all(objects))

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def names(self, kind: str, *arguments: str) -> list[str]:
        return (
            self.kubectl("get", kind, "--output=name", *arguments)
            .replace(f"{kind.removesuffix('s')}/", "")
            .split()
        )

    def ready(self, pod: str, timeout: int = SLOW) -> None:
        """Wait until a pod is ready; fail with its description."""
        try:
            self.kubectl("wait", "--for=condition=Ready", f"pod/{pod}", f"--timeout={timeout}s")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.kubectl('describe', 'pod', pod)}") from None

    def replace_pod(
        self, component: str, *how: str, meanwhile: Callable[[], Any] = lambda: None
    ) -> None:
        """Delete the pod of a component, and wait until another one is ready.

        `kubectl rollout status` may run before the controller notices that the pod is deleted.
        """
        selector = f"--selector=component={component}"
        before = self._ready(selector)
        self.kubectl("delete", "pod", selector, *how)
        meanwhile()
        wait_until(f"another pod of {component}", lambda: self._ready(selector) - before)

    def _ready(self, selector: str) -> set[str]:
        """Return the uids of the pods that are ready and not being deleted."""
        return {
            pod["metadata"]["uid"]
            for pod in self.get("pods", selector)["items"]
            if "deletionTimestamp" not in pod["metadata"]
            for condition in pod["status"].get("conditions") or ()
            if (condition["type"], condition["status"]) == ("Ready", "True")
        }

    def execute(self, pod: str, *command: str, container: str = "") -> tuple[int, str]:
        """Run a command in a pod; return its exit code and output."""
        options = ["--container", container] if container else []
        kubectl = ["kubectl", "--namespace", self.name, "exec", pod, *options, "--", *command]
        done = subprocess.run(kubectl, text=True, capture_output=True, timeout=SLOW)
        return done.returncode, done.stdout + done.stderr

    @contextlib.contextmanager
    def forward(self, target: str, port: int | str) -> Iterator[str]:
        """Forward a port of `svc/NAME` or `pod/NAME`; yield its local address."""
        command = ["kubectl", "--namespace", self.name, "port-forward", target, f":{port}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                line = process.stdout.readline()
                match = re.search(r"127\.0\.0\.1:\d+", line)
                assert match, f"{' '.join(command)}: {line}"
                # kubectl prints each connection, and blocks if nothing reads its output
                threading.Thread(target=process.stdout.read, daemon=True).start()
                yield match[0]
            finally:
                process.terminate()
