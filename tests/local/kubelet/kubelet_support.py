"""Shared by the tests of the kubelet: a kubelet with an empty store, substitutes, and waiting."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from z2jh_hub.local import persistence
from z2jh_hub.local.faults import Faults
from z2jh_hub.local.kubelet.addresses import Addresses
from z2jh_hub.local.kubelet.context import Context, Timing
from z2jh_hub.local.kubelet.images import ImageRule, Images
from z2jh_hub.local.kubelet.kubelet import Kubelet, left_pods
from z2jh_hub.local.kubelet.limits import Limits
from z2jh_hub.local.kubelet.recorder import Recorder
from z2jh_hub.local.objects.resources import CLAIMS, EVENTS, PODS
from z2jh_hub.local.objects.store import Store
from z2jh_hub.local.state import State

NS = "test"
WEB = (sys.executable, "-m", "http.server", "{port}", "--bind", "{ip}")
RULES = [ImageRule("web", WEB), ImageRule("plain", ())]
QUICK = Timing(backoff=0.2, backoff_limit=0.4, retry=0.1, probe=0.05)


class Cluster:
    """A store and a kubelet, with shortcuts for tests."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.store = Store(namespaces=[NS])
        self.faults = Faults()
        self.state = State(folder)
        self.state.open()
        limits = options.pop("limits", Limits({}))
        make = options.pop("make", None)
        single = options.pop("single", False)
        self.context = Context(
            self.store,
            Recorder(self.store),
            self.state,
            Images(RULES),
            Addresses(str(folder), single=single, check=make is None),
            limits,
            self.faults.pod_failure,
            QUICK,
        )
        self.kubelet = Kubelet(self.context, make) if make else Kubelet(self.context)
        earlier = left_pods(self.state.pods)
        persistence.restore(self.store, self.state, [pod for pod, _ in earlier])
        self.kubelet.start(earlier)

    def create(self, name: str = "jupyter-a", **spec: Any) -> dict[str, Any]:
        return self.store.create(PODS, NS, pod(name, **spec))

    def pod(self, name: str = "jupyter-a") -> dict[str, Any] | None:
        pod = self.store.find(PODS, NS, name)
        return pod.obj if pod else None

    def state_of(self, name: str = "jupyter-a", container: int = 0) -> dict[str, Any]:
        statuses = (self.pod(name) or {}).get("status", {}).get("containerStatuses") or [{}]
        return statuses[container].get("state") or {}

    def restarts(self, name: str = "jupyter-a") -> int:
        statuses = (self.pod(name) or {}).get("status", {}).get("containerStatuses") or [{}]
        return statuses[0].get("restartCount") or 0

    def claim(self, name: str = "claim-a") -> dict[str, Any]:
        request = {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"]}
        return self.store.create(CLAIMS, NS, {"metadata": {"name": name}, "spec": request})

    def events(self, name: str = "jupyter-a") -> dict[str, str]:
        """Return the events of an object: message by reason."""
        events, _ = self.store.list(EVENTS, NS)
        return {e["reason"]: e["message"] for e in events if e["involvedObject"]["name"] == name}

    def messages(self, reason: str, name: str = "jupyter-a") -> list[str]:
        """Return the messages of an object's events with one reason."""
        events, _ = self.store.list(EVENTS, NS)
        about = [e for e in events if e["involvedObject"]["name"] == name]
        return [event["message"] for event in about if event["reason"] == reason]

    def main_pid(self, name: str = "jupyter-a", container: str = "notebook") -> int:
        """Return the process id of a container's own command."""
        obj = self.pod(name)
        assert obj is not None
        notes = self.state.pods / obj["metadata"]["uid"] / "run" / container
        return int((notes / "pid").read_text())

    def ready(self, name: str = "jupyter-a") -> bool:
        conditions = (self.pod(name) or {}).get("status", {}).get("conditions") or []
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def log(self, name: str = "jupyter-a", container: str = "notebook") -> str:
        obj = self.pod(name)
        assert obj is not None
        files = sorted((self.state.pods / obj["metadata"]["uid"] / "logs").glob(f"{container}.*"))
        return "".join(file.read_text() for file in files)

    async def close(self) -> None:
        await self.kubelet.stop_all(5)
        self.context.limits.close()
        self.state.close()

    async def vanish(self) -> None:
        """End as after SIGKILL: nothing is written, and the pods keep running."""
        await self.kubelet.let_go()
        self.state.close()


def pod(name: str, **spec: Any) -> dict[str, Any]:
    """Return a pod like KubeSpawner's; keywords change its container, or (`pod_*`) its spec."""
    whole = {key[4:]: spec.pop(key) for key in list(spec) if key.startswith("pod_")}
    container = {
        "name": "notebook",
        "image": "web",
        "ports": [{"containerPort": 8888, "name": "notebook-port"}],
        **spec,
    }
    containers = [container, *whole.pop("containers", [])]
    return {
        "metadata": {"name": name, "labels": {"component": "singleuser-server"}},
        "spec": {"containers": containers, "restartPolicy": "OnFailure", **whole},
    }


async def until(condition: Callable[[], Any], what: str = "it", limit: float = 20) -> Any:
    """Wait for a condition and return its value. Fails after `limit` seconds."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if value := condition():
            return value
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {limit:g} s")


def alive(pid: int) -> bool:
    """Return whether a process runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
