"""Servers that cannot start on a real cluster, and how long it takes until their user knows why."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from cluster_support import TOKEN, Hub
from support.hubs import progress

REFUSE = "z2jh-test/refuse"  # a label: which rule of the cluster is to refuse the pod
NOBODY = "nobody"  # a provisioner that does not run
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class Fault:
    """A profile whose servers do not start, and the cause that is to be told.

    `registry`: the override's image is one of the registry that `failing_registry` makes.
    """

    slug: str
    cause: str
    override: dict[str, Any]
    registry: bool = False

    def profile(self, registry: str, image: str) -> dict[str, Any]:
        """The entry of the profile list; `image` is that of servers which do start."""
        text = json.dumps(self.override).replace("REGISTRY", registry).replace("IMAGE", image)
        override = json.loads(text)
        return {"display_name": self.slug, "slug": self.slug, "kubespawner_override": override}


def shell(script: str) -> dict[str, Any]:
    return {"command": ["sh", "-c", script]}


def preparing(script: str, **more: Any) -> list[dict[str, Any]]:
    """An init container that runs a script."""
    step = {"name": "prepare", "image": "IMAGE", "securityContext": RESTRICTED, **shell(script)}
    return [{**step, **more}]


def mounted(source: dict[str, Any], path: str = "/mnt/more") -> dict[str, Any]:
    """A volume instead of the home."""
    return {
        "volumes": [{"name": "more", **source}],
        "volume_mounts": [{"name": "more", "mountPath": path}],
    }


SECRET_KEY = {"secretKeyRef": {"name": "none-such", "key": "key"}}
FULL = mounted({"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}, "/home/jovyan")
FILL = "dd if=/dev/zero of=/home/jovyan/full bs=4k count=1024 || true"

FAULTS = (
    Fault("missing", "image-missing", {"image": "REGISTRY/missing:1"}, registry=True),
    Fault("private", "image-refused", {"image": "REGISTRY/private:1"}, registry=True),
    Fault("busy", "image-rate-limited", {"image": "REGISTRY/busy:1"}, registry=True),
    Fault("broken", "image-unpullable", {"image": "REGISTRY/broken:1"}, registry=True),
    Fault("elsewhere", "image-wrong-architecture", {"image": "REGISTRY/elsewhere:1"}, True),
    Fault("no-registry", "image-unpullable", {"image": "registry.invalid/x:1"}),
    Fault("image-name", "image-invalid-name", {"image": "No Image:1"}),
    Fault("cpu", "no-cpu", {"cpu_guarantee": 1000}),
    Fault("memory", "no-memory", {"mem_guarantee": "100T", "mem_limit": "100T"}),
    Fault("gpu", "no-gpu", {"extra_resource_limits": {"nvidia.com/gpu": "1"}}),
    Fault("kind", "no-matching-node", {"node_selector": {"kind": "none-such"}}),
    Fault("class", "home-pending", {"storage_class": "none-such"}),
    Fault("provisioner", "home-pending", {"storage_class": NOBODY}),
    Fault("consumer", "home-pending", {"storage_class": f"{NOBODY}-waits"}),
    Fault("claim", "home-missing", mounted({"persistentVolumeClaim": {"claimName": "none"}})),
    Fault("quota-pod", "quota", {"extra_resource_limits": {"example.org/gold": "1"}}),
    Fault("quota-home", "quota", {"storage_capacity": "1Ti"}),
    Fault("limit", "limit-range", {"storage_capacity": "3Ti"}),
    Fault(
        "privileged",
        "pod-security",
        {"init_containers": preparing("true", securityContext={"privileged": True})},
    ),
    Fault("policy", "refused-by-policy", {"extra_labels": {REFUSE: "policy"}}),
    Fault("webhook", "webhook-down", {"extra_labels": {REFUSE: "webhook"}}),
    Fault("label", "invalid-pod", {"extra_labels": {"kind": "no such label!"}}),
    Fault("secret", "config-missing", mounted({"secret": {"secretName": "none-such"}})),
    Fault("key", "config-missing", {"environment": {"KEY": {"valueFrom": SECRET_KEY}}}),
    Fault("init", "init-failed", {"init_containers": preparing("echo no >&2; exit 3")}),
    Fault(
        "init-memory",
        "out-of-memory",
        {"init_containers": preparing("tail /dev/zero", resources={"limits": {"memory": "20Mi"}})},
    ),
    Fault(
        "post-start",
        "post-start-failed",
        {"lifecycle_hooks": {"postStart": {"exec": shell("echo no >&2; exit 7")}}},
    ),
    Fault("command", "cannot-run", {"cmd": ["/no-such-program"]}),
    Fault("ends", "crashed", {"cmd": ["sh", "-c", "echo no >&2; exit 5"]}),
    Fault("memory-used", "out-of-memory", {"mem_guarantee": "1M", "mem_limit": "30M"}),
    Fault("memory-tiny", "out-of-memory", {"mem_guarantee": "1M", "mem_limit": "1M"}),
    Fault(
        "full",
        "home-full",
        {**FULL, "init_containers": preparing(FILL, volumeMounts=FULL["volume_mounts"])},
    ),
)


@dataclass
class Told:
    """What the page of a starting server said: seconds since the start → event."""

    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def first(self, cause: str) -> float:
        """When the cause was told first: as what is waited for, or at the end."""
        return next((at for at, event in self.events if names(event, cause)), float("nan"))

    @property
    def ended(self) -> float:
        return self.events[-1][0]

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1][1]


def names(event: dict[str, Any], cause: str) -> bool:
    return event.get("failure") == cause or f"({cause})" in event["message"]


def attempt(hub: Hub, user: str, profile: str) -> Told:
    """Start a server of the profile, and read what its user reads until it is there or failed."""
    hub.api("POST", f"users/{user}")
    told, began = Told(), time.monotonic()
    status, answer = hub.call("POST", f"/hub/api/users/{user}/server", {"profile": profile})
    assert status, f"nobody answers the start of {user}: {answer}\n{hub.log()}"
    if status >= 400:
        told.events.append((time.monotonic() - began, {**answer, "failed": True}))
        return told
    try:
        for event in progress(f"{hub.url}/hub/api/users/{user}/server/progress", TOKEN):
            told.events.append((time.monotonic() - began, event))
    except OSError as error:  # the test says so, with what was told before
        told.events.append((time.monotonic() - began, {"message": f"no answer: {error}"}))
    return told
