"""A healthy release in a namespace, which a test breaks in one place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from support.charts import render

from z2jh_hub.config.ownership import USER
from z2jh_hub.doctor.checks import examine
from z2jh_hub.doctor.findings import Finding, ranked
from z2jh_hub.doctor.snapshot import Snapshot, component_of, name_of
from z2jh_hub.doctor.standards import ENFORCE

Object = dict[str, Any]

NAMESPACE, RELEASE = "hub", "my-hub"
NOW = datetime.now(UTC).replace(microsecond=0)
HTTPS = {"enabled": True, "hosts": ["hub.example.org"],
         "letsencrypt": {"contactEmail": "a@example.org"}}  # fmt: skip
PLURALS = {
    "Deployment": "deployments", "DaemonSet": "daemonsets", "StatefulSet": "statefulsets",
    "Service": "services", "PersistentVolumeClaim": "claims", "Ingress": "ingresses",
    "Secret": "secrets",
}  # fmt: skip
RUNS = ("deployments", "daemonsets")


def ago(**time: float) -> str:
    """Return a Kubernetes time before now."""
    return (NOW - timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class World:
    """The objects of a namespace by kind, as `Snapshot.objects`."""

    objects: dict[str, list[Object]] = field(default_factory=dict)
    labels: dict[str, str] | None = field(default_factory=lambda: {ENFORCE: "restricted"})
    logs: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, list[bytes]] = field(default_factory=dict)
    version: str = "v1.34.1"

    def get(self, kind: str, name: str) -> Object:
        return next(each for each in self.objects[kind] if name_of(each) == name)

    def pod(self, component: str) -> Object:
        return next(pod for pod in self.objects["pods"] if component_of(pod) == component)

    def remove(self, kind: str, name: str) -> None:
        self.objects[kind].remove(self.get(kind, name))

    def snapshot(self) -> Snapshot:
        version = {"gitVersion": self.version}
        return Snapshot(NAMESPACE, RELEASE, self.objects, version, self.labels, self.logs,
                        self.certificates, NOW)  # fmt: skip

    def findings(self) -> list[Finding]:
        return list(ranked(examine(self.snapshot())))

    def event(
        self, kind: str, name: str, reason: str, message: str, warning: bool = True
    ) -> Object:
        event = {
            "metadata": {"name": f"{name}.{len(self.objects['events'])}", "namespace": NAMESPACE},
            "involvedObject": {"kind": kind, "name": name, "namespace": NAMESPACE},
            "reason": reason,
            "message": message,
            "type": "Warning" if warning else "Normal",
            "lastTimestamp": ago(minutes=5),
        }
        self.objects["events"].append(event)
        return event

    def user(self, name: str, *, ready: bool = True) -> Object:
        """Add a user's server and home; return the pod."""
        annotations = {USER: name}
        labels = {"app": "jupyterhub", "component": "singleuser-server", "release": RELEASE}
        home = f"claim-{name}"
        security = {"allowPrivilegeEscalation": False, "runAsUser": 1000, "runAsNonRoot": True,
                    "capabilities": {"drop": ["ALL"]},
                    "seccompProfile": {"type": "RuntimeDefault"}}  # fmt: skip
        pod = {
            "metadata": {"name": f"jupyter-{name}", "labels": labels, "annotations": annotations,
                         "creationTimestamp": ago(hours=1), "namespace": NAMESPACE},
            "spec": {
                "nodeName": "node-1",
                "containers": [
                    {"name": "notebook", "image": "img", "securityContext": security,
                     "resources": {"requests": {"memory": "1Gi"}}}
                ],
                "volumes": [
                    {"name": "home", "persistentVolumeClaim": {"claimName": home}}
                ],
            },
            "status": running("notebook") if ready else {"phase": "Pending"},
        }  # fmt: skip
        self.objects["pods"].append(pod)
        self.objects["allpods"].append(pod)
        claim = {
            "metadata": {"name": home, "annotations": annotations, "namespace": NAMESPACE,
                         "labels": {"release": RELEASE}, "creationTimestamp": ago(hours=1)},
            "spec": {"accessModes": ["ReadWriteOnce"],
                     "resources": {"requests": {"storage": "1Gi"}}},
            "status": {"phase": "Bound"},
        }  # fmt: skip
        self.objects["claims"].append(claim)
        return pod


def running(container: str) -> Object:
    """Return the status of a pod that is ready."""
    return {
        "phase": "Running",
        "startTime": ago(hours=1),
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "True"},
        ],
        "containerStatuses": [
            {"name": container, "ready": True, "restartCount": 0, "image": "img", "imageID": "",
             "state": {"running": {"startedAt": ago(hours=1)}}}
        ],
    }  # fmt: skip


def fails(pod: Object, *, waiting: str = "", message: str = "", **status: Any) -> Object:
    """Make the first container of a pod wait for `waiting`; return its status."""
    name = pod["spec"]["containers"][0]["name"]
    state = {"waiting": {"reason": waiting, "message": message}}
    container = {"name": name, "ready": False, "restartCount": 0, "image": "img", "imageID": "",
                 "state": state, **status}  # fmt: skip
    pod["status"] = {
        "phase": "Pending",
        "startTime": ago(hours=1),
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "False"},
        ],
        "containerStatuses": [container],
    }
    return container


def pending(pod: Object, message: str) -> None:
    """Make a pod wait for a node."""
    pod["spec"].pop("nodeName", None)
    pod["status"] = {
        "phase": "Pending",
        "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
             "message": message}
        ],
    }  # fmt: skip


def healthy(values: Any = None) -> World:
    """Return a release that works, with two user servers, on a cluster of one node."""
    values = values or {"proxy": {"https": HTTPS}}
    world = World({kind: [] for kind in (*PLURALS.values(), "events", "quotas", "endpoints", "jobs",
                   "routes", "pods", "allpods")})  # fmt: skip
    for doc in copy.deepcopy(render(values, release=RELEASE, namespace=NAMESPACE).docs):
        if doc["kind"] in PLURALS:
            doc["metadata"] |= {"namespace": NAMESPACE, "creationTimestamp": ago(days=2)}
            world.objects[PLURALS[doc["kind"]]].append(doc)
    for plural in RUNS:
        for workload in world.objects[plural]:
            world.objects["pods"] += _run(workload, plural)
    _give_addresses(world)
    for claim in world.objects["claims"]:
        claim["status"] = {"phase": "Bound"}
    world.objects["secrets"] = [_secret("hub"), _secret("proxy-public-tls-acme")]
    world.objects |= _cluster()
    world.objects["allpods"] = list(world.objects["pods"])
    for user in ("ada", "bo"):
        world.user(user)
    return world


def _run(workload: Object, plural: str) -> Iterator[Object]:
    """Set the status of a workload, and yield its pods."""
    replicas = workload["spec"].get("replicas", 1)
    name = workload["metadata"]["name"]
    workload["status"] = {
        "deployments": {"availableReplicas": replicas, "replicas": replicas},
        "daemonsets": {"desiredNumberScheduled": 1, "numberReady": 1, "currentNumberScheduled": 1,
                       "numberMisscheduled": 0},
    }[plural]  # fmt: skip
    template = workload["spec"]["template"]
    for number in range(replicas):
        spec = copy.deepcopy(template["spec"]) | {"nodeName": "node-1"}
        metadata = copy.deepcopy(template["metadata"])
        metadata |= {"name": f"{name}-{number}", "namespace": NAMESPACE,
                     "creationTimestamp": ago(hours=1)}  # fmt: skip
        yield {"metadata": metadata, "spec": spec, "status": running(spec["containers"][0]["name"])}


def _give_addresses(world: World) -> None:
    address = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
    for item in (*world.objects["services"], *world.objects["ingresses"]):
        item["status"] = address
    for service in world.objects["services"]:
        name = service["metadata"]["name"]
        world.objects["endpoints"].append(
            {
                "metadata": {"name": f"{name}-1", "namespace": NAMESPACE,
                             "labels": {"kubernetes.io/service-name": name}},
                "addressType": "IPv4",
                "endpoints": [{"addresses": ["192.0.2.9"], "conditions": {"ready": True}}],
            }
        )  # fmt: skip


def _secret(name: str) -> Object:
    """Return a Secret as a request for metadata gets it."""
    managed = {"manager": "helm", "operation": "Update", "apiVersion": "v1", "time": ago(days=1),
               "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}  # fmt: skip
    return {"metadata": {"name": name, "namespace": NAMESPACE, "managedFields": [managed]}}


def _cluster() -> dict[str, list[Object]]:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "storageclasses": [
            {"metadata": {"name": "standard", "annotations": default}, "provisioner": "p"}
        ],
        "ingressclasses": [{"metadata": {"name": "nginx"}, "spec": {"controller": "c"}}],
        "nodes": [
            {
                "metadata": {"name": "node-1", "labels": {"zone": "a"}},
                "spec": {},
                "status": {
                    "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "nodeInfo": {"kubeletVersion": "v1.34.1"},
                },
            }
        ],
    }
