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


def run(*command: str, given: str | None = None, timeout: float = SLOW) -> str:
    """What it printed; an AssertionError with all of it where it fails."""
    done = subprocess.run(command, input=given, text=True, capture_output=True, timeout=timeout)
    assert not done.returncode, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def wait_until(what: str, condition: Callable[[], Any], timeout: float = SLOW) -> Any:
    """The first true answer of `condition`; fails with `what` when there is none in time."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not in {timeout} seconds: {what}"
        time.sleep(0.3)
    return found


ENFORCE = "pod-security.kubernetes.io/enforce"


class Namespace:
    """A namespace of the cluster that goes when the tests do; `enforce` is its Pod Security."""

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
        """Set its Pod Security from now on."""
        run("kubectl", "label", "--overwrite", "namespace", self.name, f"{ENFORCE}={level}")

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        return run("kubectl", "--namespace", self.name, *arguments, given=given)

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given=yaml.safe_dump_all(objects))

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def names(self, kind: str, *arguments: str) -> list[str]:
        return (
            self.kubectl("get", kind, "--output=name", *arguments)
            .replace(f"{kind.removesuffix('s')}/", "")
            .split()
        )

    def ready(self, pod: str, timeout: int = SLOW) -> None:
        """Wait for a pod; says what it waits for where that is in vain."""
        try:
            self.kubectl("wait", "--for=condition=Ready", f"pod/{pod}", f"--timeout={timeout}s")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.kubectl('describe', 'pod', pod)}") from None

    def replace_pod(
        self, component: str, *how: str, meanwhile: Callable[[], Any] = lambda: None
    ) -> None:
        """Delete the pod of a component, and wait until another one is ready.

        `kubectl rollout status` may ask before the deployment's controller has seen that it went.
        """
        selector = f"--selector=component={component}"
        before = self._ready(selector)
        self.kubectl("delete", "pod", selector, *how)
        meanwhile()
        wait_until(f"another pod of {component}", lambda: self._ready(selector) - before)

    def _ready(self, selector: str) -> set[str]:
        """The uids of the pods that are ready and stay."""
        return {
            pod["metadata"]["uid"]
            for pod in self.get("pods", selector)["items"]
            if "deletionTimestamp" not in pod["metadata"]
            for condition in pod["status"].get("conditions") or ()
            if (condition["type"], condition["status"]) == ("Ready", "True")
        }

    def execute(self, pod: str, *command: str, container: str = "") -> tuple[int, str]:
        """Run a command in a pod: its exit code and what it printed."""
        where = ["--container", container] if container else []
        whole = ["kubectl", "--namespace", self.name, "exec", pod, *where, "--", *command]
        done = subprocess.run(whole, text=True, capture_output=True, timeout=SLOW)
        return done.returncode, done.stdout + done.stderr

    @contextlib.contextmanager
    def forward(self, target: str, port: int | str) -> Iterator[str]:
        """The local address of a port of `svc/NAME` or `pod/NAME`."""
        command = ["kubectl", "--namespace", self.name, "port-forward", target, f":{port}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                line = process.stdout.readline()
                found = re.search(r"127\.0\.0\.1:\d+", line)
                assert found, f"{' '.join(command)}: {line}"
                # kubectl tells each connection, and stands still once nobody reads it
                threading.Thread(target=process.stdout.read, daemon=True).start()
                yield found[0]
            finally:
                process.terminate()
