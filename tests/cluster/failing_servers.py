"""Servers that cannot start on a real cluster, and when their users see the cause."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from cluster_support import TOKEN, Hub
from support.hubs import progress

REFUSE = "z2jh-test/refuse"  # a label that names the rule of the cluster that refuses the pod
NOBODY = "nobody"  # a storage class whose provisioner does not run
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class Fault:
    """A profile whose servers do not start, and the cause that their users should see.

    `registry`: the image comes from the registry of `failing_registry`.
    """

    slug: str
    cause: str
    override: dict[str, Any]
    registry: bool = False

    def profile(self, registry: str, image: str) -> dict[str, Any]:
        """Return the entry of the profile list; `image` is an image that starts."""
        text = json.dumps(self.override).replace("REGISTRY", registry).replace("IMAGE", image)
        override = json.loads(text)
        return {"display_name": self.slug, "slug": self.slug, "kubespawner_override": override}


def shell(script: str) -> dict[str, Any]:
    return {"command": ["sh", "-c", script]}


def preparing(script: str, **more: Any) -> list[dict[str, Any]]:
    """Return an init container that runs a script."""
    step = {"name": "prepare", "image": "IMAGE", "securityContext": RESTRICTED, **shell(script)}
    return [{**step, **more}]


def mounted(source: dict[str, Any], path: str = "/mnt/more") -> dict[str, Any]:
    """Return a volume that replaces the home."""
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
    Fault("no-registry", "registry-unreachable", {"image": "registry.invalid/x:1"}),
    Fault("image-name", "image-invalid-name", {"image": "No Image:1"}),
    Fault("cpu", "request-too-large", {"cpu_guarantee": 1000}),
    Fault("memory", "request-too-large", {"mem_guarantee": "100T", "mem_limit": "100T"}),
    Fault("gpu", "no-such-device", {"extra_resource_limits": {"nvidia.com/gpu": "1"}}),
    Fault("kind", "no-matching-node", {"node_selector": {"kind": "none-such"}}),
    Fault("class", "storage-class-missing", {"storage_class": "none-such"}),
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
class Attempt:
    """The events of a start, each with the seconds since its beginning."""

    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def first(self, cause: str) -> float:
        """Return when the cause was first reported, while waiting or at the end."""
        return next((at for at, event in self.events if names(event, cause)), float("nan"))

    @property
    def ended(self) -> float:
        return self.events[-1][0]

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1][1]


def names(event: dict[str, Any], cause: str) -> bool:
    return event.get("failure") == cause or f"({cause})" in event["message"]


def attempt(hub: Hub, user: str, profile: str) -> Attempt:
    """Start a server with the profile; return its events until it is ready or has failed."""
    hub.api("POST", f"users/{user}")
    result, began = Attempt(), time.monotonic()
    status, answer = hub.call("POST", f"/hub/api/users/{user}/server", {"profile": profile})
    assert status, f"no answer to the start of {user}: {answer}\n{hub.log()}"
    if status >= 400:
        result.events.append((time.monotonic() - began, {**answer, "failed": True}))
        return result
    try:
        for event in progress(f"{hub.url}/hub/api/users/{user}/server/progress", TOKEN):
            result.events.append((time.monotonic() - began, event))
    except OSError as error:  # the test reports it with the earlier events
        result.events.append((time.monotonic() - began, {"message": f"no answer: {error}"}))
    return result
