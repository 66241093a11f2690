"""Faults of the cluster, of claims and of user servers."""

from __future__ import annotations

from doctor.faults_of_pods import UNSCHEDULABLE
from doctor.worlds import World, ago, fails, pending

from z2jh_hub.config.ownership import DELETED
from z2jh_hub.doctor.standards import ENFORCE


def no_default_class(world: World) -> None:
    world.objects["storageclasses"][0]["metadata"]["annotations"] = {}
    claim_pending(world, "hub-db-dir", "FailedBinding", "no storage class is set")
    pending(world.pod("hub"), "pod has unbound immediate PersistentVolumeClaims")


def class_unknown(world: World) -> None:
    for name in ("claim-ada", "claim-bo"):
        world.get("claims", name)["spec"]["storageClassName"] = "fast"
        claim_pending(world, name, "ProvisioningFailed", '"fast" not found')
        pod = next(p for p in world.objects["pods"]
                   if p["metadata"]["name"] == name.replace("claim", "jupyter"))  # fmt: skip
        pending(pod, "pod has unbound immediate PersistentVolumeClaims")


def not_provisioned(world: World) -> None:
    claim_pending(world, "hub-db-dir", "ProvisioningFailed", "quota of disks exceeded")


def slow_provisioner(world: World) -> None:
    claim_pending(world, "claim-ada", "ExternalProvisioning", "waiting for a volume")


def claim_pending(world: World, name: str, reason: str, message: str) -> None:
    world.get("claims", name)["status"] = {"phase": "Pending"}
    world.event("PersistentVolumeClaim", name, reason, message)


def claim_lost(world: World) -> None:
    world.get("claims", "claim-ada")["status"] = {"phase": "Lost"}


def claim_missing(world: World) -> None:
    world.remove("claims", "hub-db-dir")
    pending(world.pod("hub"), 'persistentvolumeclaim "hub-db-dir" not found')


def old_cluster(world: World) -> None:
    world.version = "v1.27.9"
    world.objects["nodes"][0]["status"]["nodeInfo"]["kubeletVersion"] = "v1.27.9"


def old_node(world: World) -> None:
    world.objects["nodes"][0]["status"]["nodeInfo"]["kubeletVersion"] = "v1.29.0"


def privileged_hub(world: World) -> None:
    spec = world.get("deployments", "hub")["spec"]["template"]["spec"]
    spec["containers"][0]["securityContext"]["privileged"] = True


def privileged_user(world: World) -> None:
    world.labels = {ENFORCE: "baseline"}
    add = {"capabilities": {"add": ["NET_ADMIN"]}}
    server = next(p for p in world.objects["pods"] if p["metadata"]["name"] == "jupyter-ada")
    server["spec"]["initContainers"] = [{"name": "block", "securityContext": add}]


def quota(world: World) -> None:
    status = {"hard": {"pods": "10", "services": "0"}, "used": {"pods": "10", "services": "0"}}
    world.objects["quotas"].append({"metadata": {"name": "team"}, "status": status})


def job(world: World) -> None:
    labels = {"component": "hub-secrets", "release": "my-hub"}
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}
    world.objects["jobs"].append(
        {"metadata": {"name": "hub-secrets", "labels": labels}, "status": {"conditions": [failed]}}
    )


def failed_start(world: World) -> None:
    for name in ("jupyter-cy", "jupyter-di"):
        world.event("Pod", name, "Scheduled", "to node-1", warning=False)
        world.event("Pod", name, "Failed", "Failed to pull image: toomanyrequests: rate limit")


def no_room_for_start(world: World) -> None:
    world.event("Pod", "jupyter-cy", "FailedScheduling", UNSCHEDULABLE)


def server_waits(world: World) -> None:
    pod = next(p for p in world.objects["pods"] if p["metadata"]["name"] == "jupyter-ada")
    fails(pod, waiting="ImagePullBackOff", message="pull: no such host")


def node_down(world: World) -> None:
    unknown = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "m"}
    node = {"metadata": {"name": "node-2"}, "status": {"conditions": [unknown]}}
    world.objects["nodes"].append(node)


def disk_pressure(world: World) -> None:
    pressure = {"type": "DiskPressure", "status": "True", "reason": "r", "message": "m"}
    world.objects["nodes"][0]["status"]["conditions"].append(pressure)


def full(world: World) -> None:
    world.objects["nodes"][0]["status"]["allocatable"]["pods"] = "3"


def without_owner(world: World) -> None:
    world.user("cy")["metadata"]["annotations"] = {}


def deleted_user(world: World) -> None:
    world.get("claims", "claim-ada")["metadata"]["annotations"][DELETED] = ago(days=3)
