"""What can keep a server from starting, as tests provoke it on the embedded Kubernetes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from support.clusters import NS, Cluster

from z2jh_hub.spawner.homes import USER

PATIENCE = 60.0  # seconds until a pod is there, on a busy machine


@dataclass(frozen=True)
class Trouble:
    """Ways to bring one cause about; several may be needed.

    fault     what the embedded Kubernetes gets wrong for this user's pod
    event     (reason, message) of an event about the pod, once that is there
    status    what the pod's status says instead, once it is there
    claims    names of claims that are this user's before the hub is there
    profile   the profile that the server is started with
    """

    fault: dict[str, Any] = field(default_factory=dict)
    event: tuple[str, str] | None = None
    status: dict[str, Any] | None = None
    claims: tuple[str, ...] = ()
    profile: str = "plain"

    @property
    def refusal(self) -> bool:
        """Whether there is no pod: faults of calls have no user, and come one after another."""
        return self.fault.get("action") == "refuse"

    def make_claims(self, cluster: Cluster, user: str) -> None:
        """Before the hub is there: starts at about the same time share one look at the claims."""
        for name in self.claims:
            metadata = {"name": f"{name}-{user}", "annotations": {USER: user}}
            spec = {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Mi"}},
            }
            claim = {"metadata": metadata, "spec": spec}
            cluster.call("POST", "persistentvolumeclaims", claim)

    def prepare(self, cluster: Cluster, user: str) -> None:
        """Before the start."""
        if self.fault:
            whose = {} if self.refusal else {"name": f"jupyter-{user}"}
            cluster.fault(**self.fault, **whose)

    def meddle(self, cluster: Cluster, user: str) -> None:
        """After the start."""
        if not self.event and not self.status:
            return
        deadline = time.monotonic() + PATIENCE
        while not (pod := cluster.get(f"pods/jupyter-{user}")):
            assert time.monotonic() < deadline, f"there is no pod of {user}"
            time.sleep(0.1)
        if self.event:
            cluster.call("POST", "events", _event(pod, *self.event))
        if self.status:
            body = {"status": self.status}
            cluster.call("PATCH", f"pods/jupyter-{user}/status", body, "merge-patch+json")


def _event(pod: dict[str, Any], reason: str, message: str) -> dict[str, Any]:
    name, now = pod["metadata"]["name"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "metadata": {"name": f"{name}.trouble", "namespace": NS},
        "involvedObject": {
            "kind": "Pod",
            "namespace": NS,
            "name": name,
            "uid": pod["metadata"]["uid"],
        },
        "reason": reason,
        "message": message,
        "type": "Warning",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }


def refused(message: str, status: int = 403, resource: str = "pods") -> Trouble:
    fault = {"action": "refuse", "verb": "create", "resource": resource, "status": status}
    return Trouble({**fault, "message": message})


def pod(reason: str, message: str = "", **more: Any) -> Trouble:
    """What the kubelet, or the scheduler, says of the pod."""
    return Trouble({"action": "fail-pod", "reason": reason, "message": message}, **more)


def unscheduled(message: str, **more: Any) -> Trouble:
    return pod("Unschedulable", message, **more)


def blocked(reason: str, message: str = "", **more: Any) -> Trouble:
    """An event about a pod whose containers are still being created."""
    return pod("ContainerCreating", event=(reason, message), **more)


CREATE = "cannot create resource pods in the namespace"
WAITS = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}}
FULL = "OSError: [Errno 28] No space left on device"
ENDED = {"terminated": {"exitCode": 1, "reason": "Error", "message": FULL}}


def containers(kind: str, state: dict[str, Any]) -> dict[str, Any]:
    status = {"name": "notebook", "image": "x", "imageID": "", "ready": False, "restartCount": 0}
    return {kind: [{**status, "state": state}]}


NO_PREEMPTION = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."

TROUBLES: dict[str, Trouble] = {
    "home-ambiguous": Trouble(claims=("one", "other")),
    "home-renamed": Trouble(claims=("earlier",), profile="own-volume"),
    "quota": refused("exceeded quota: share, requested: pods=1, used: pods=9, limited: pods=9"),
    "limit-range": refused("maximum memory usage per Container is 1Gi, but limit is 2Gi"),
    "pod-security": refused('violates PodSecurity "restricted:latest": runAsNonRoot != true'),
    "webhook-down": refused('failed calling webhook "w.example.org": timed out', 500),
    "refused-by-policy": refused('admission webhook "w.example.org" denied the request: no'),
    "hub-not-allowed": refused(f'User "system:serviceaccount:x:hub" {CREATE} "x"'),
    "namespace-ending": refused(
        "unable to create new content in namespace x because it is being terminated"
    ),
    "kubernetes-unreachable": refused("etcdserver: leader changed", 503),
    "invalid-pod": refused("Pod is invalid: metadata.labels: Invalid value", 422),
    "home-attached-elsewhere": blocked("FailedAttachVolume", "Multi-Attach error for volume pvc-1"),
    "config-missing": pod("CreateContainerConfigError", 'secret "x" not found'),
    "home-not-mounted": blocked("FailedMount", "MountVolume.SetUp failed: Connection timed out"),
    "home-full": pod("ContainerCreating", status=containers("containerStatuses", ENDED)),
    "scaling-up": unscheduled(
        "Insufficient cpu", event=("TriggeredScaleUp", "pod triggered scale-up: [{pool 1->2}]")
    ),
    "scale-up-refused": unscheduled(
        "Insufficient cpu", event=("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max size")
    ),
    "home-pending": unscheduled("pod has unbound immediate PersistentVolumeClaims"),
    "home-missing": unscheduled('persistentvolumeclaim "claim-x" not found'),
    "home-elsewhere": unscheduled("node(s) had volume node affinity conflict"),
    "no-gpu": unscheduled("Insufficient nvidia.com/gpu"),
    "no-memory": unscheduled("Insufficient memory"),
    "no-cpu": unscheduled("Insufficient cpu"),
    "no-room": unscheduled("Too many pods"),
    "no-matching-node": unscheduled("node(s) didn't match Pod's node affinity/selector"),
    "tainted-nodes": unscheduled("node(s) had untolerated taint {a: b}"),
    "unschedulable": unscheduled("something that nobody has seen before"),
    "image-missing": pod("ErrImagePull", "docker.io/x/y:9: not found"),
    "image-wrong-architecture": pod("ErrImagePull", "no match for platform in manifest: not found"),
    "image-refused": pod("ErrImagePull", "pull access denied"),
    "image-rate-limited": pod("ErrImagePull", "429 Too Many Requests"),
    "image-invalid-name": pod("InvalidImageName", "couldn't parse image name"),
    "registry-not-found": pod("ErrImagePull", "dial tcp: lookup r.example.org: no such host"),
    "registry-unreachable": pod("ErrImagePull", "dial tcp: i/o timeout"),
    "image-unpullable": pod("ErrImagePull", "unexpected status from HEAD request: 500"),
    "out-of-memory": pod("OOMKilled"),
    "evicted": pod("Evicted"),
    "init-failed": pod("PodInitializing", status=containers("initContainerStatuses", WAITS)),
    "post-start-failed": pod("PostStartHookError", "command exited with 1"),
    "cannot-run": pod("RunContainerError", 'exec: "x": executable file not found in $PATH'),
    "sandbox-failed": blocked("FailedCreatePodSandBox", "failed to assign an IP address"),
    "crashed": pod("Error"),
    "still-pulling": blocked("Pulling", 'Pulling image "x"', profile="impatient"),
    "start-timeout": pod("ContainerCreating", profile="impatient"),
    "no-answer": Trouble(profile="silent"),
    "cluster-refused": refused("something that nobody has seen before", 418),
}
