"""Faults of the chart's own pods."""

from __future__ import annotations

from doctor.worlds import World, ago, fails, pending

UNSCHEDULABLE = "0/1 nodes are available: 1 Insufficient memory."


def no_hub_service(world: World) -> None:
    world.remove("services", "hub")


def no_proxy(world: World) -> None:
    world.remove("deployments", "proxy")
    for kind in ("pods", "allpods"):
        world.remove(kind, "proxy-0")


def scaled(world: World) -> None:
    world.get("deployments", "hub")["spec"]["replicas"] = 0
    world.remove("pods", "hub-0")


def hub_crashes(world: World) -> None:
    last = {"reason": "Error", "exitCode": 1, "finishedAt": ago(minutes=1)}
    fails(world.pod("hub"), waiting="CrashLoopBackOff", message="back-off", restartCount=7,
          lastState={"terminated": last})  # fmt: skip
    world.logs["hub-0"] = "starting\npassword=hunter2hunter2\n\x1b[2Jerror: hub.db.url is invalid"


def hub_out_of_memory(world: World) -> None:
    last = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(minutes=1)}
    fails(world.pod("hub"), waiting="CrashLoopBackOff", message="back-off", restartCount=7,
          lastState={"terminated": last})  # fmt: skip


def hub_restarted(world: World, reason: str = "OOMKilled") -> None:
    (status,) = world.pod("hub")["status"]["containerStatuses"]
    ended = {"reason": reason, "exitCode": 137, "finishedAt": ago(hours=2)}
    status |= {"restartCount": 3, "lastState": {"terminated": ended}}


def hub_restarts(world: World) -> None:
    hub_restarted(world, "Error")


def scheduler_image(world: World) -> None:
    for pod in world.objects["pods"]:
        if pod["metadata"]["name"].startswith("user-scheduler"):
            fails(pod, waiting="ImagePullBackOff", message="pull: manifest unknown: not found")


def puller_image(world: World) -> None:
    pod = world.pod("continuous-image-puller")
    fails(pod, waiting="PodInitializing")
    state = {"waiting": {"reason": "ErrImagePull", "message": "unauthorized"}}
    failed = {"name": "pull", "ready": False, "restartCount": 0, "image": "i", "state": state}
    pod["status"]["initContainerStatuses"] = [failed]


def proxy_pending(world: World) -> None:
    pending(world.pod("proxy"), UNSCHEDULABLE)


def proxy_down(world: World) -> None:
    """Let the hub wait for a proxy that does not start."""
    fails(world.pod("proxy"), waiting="ImagePullBackOff", message="no such host")
    hub_not_ready(world)
    world.logs["hub-0"] = (
        "[W JupyterHub proxy:975] api_request to the proxy failed with "
        "connection error Cannot connect to host proxy-api:8001, retrying..."
    )


def secret_key_missing(world: World) -> None:
    fails(world.pod("proxy"), waiting="CreateContainerConfigError", message='secret "x" not found')


def hub_not_ready(world: World) -> None:
    fails(world.pod("hub"))["state"] = {"running": {"startedAt": ago(hours=1)}}
    world.event("Pod", "hub-0", "Unhealthy", "Readiness probe failed: HTTP 503")


def hub_forbidden(world: World) -> None:
    hub_not_ready(world)
    account = r"User \"system:serviceaccount:hub:hub\""
    world.logs["hub-0"] = rf'body: {{"message":"{account} cannot list resource \"pods\" in …"}}'


def watch_forbidden(world: World) -> None:
    world.logs["hub-0"] = "Reason: the hub cannot list pods: Forbidden\n"


def hub_starts(world: World) -> None:
    hub_not_ready(world)
    world.pod("hub")["status"]["startTime"] = ago(seconds=10)


def volume_not_mounted(world: World) -> None:
    fails(world.pod("hub"), waiting="ContainerCreating")
    world.event("Pod", "hub-0", "FailedAttachVolume", "Multi-Attach error for volume")


def stuck_hub(world: World) -> None:
    world.pod("hub")["metadata"]["deletionTimestamp"] = ago(minutes=10)
    world.get("deployments", "hub")["status"] = {}


def stuck_server(world: World) -> None:
    world.objects["pods"][-1]["metadata"]["deletionTimestamp"] = ago(minutes=10)


def unreadable_pods(world: World) -> None:
    world.objects.pop("pods")
    world.get("deployments", "hub")["status"] = {}


def evicted(world: World) -> None:
    pod = world.pod("proxy")
    pod["status"] = {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}


def refused(world: World) -> None:
    hub = world.get("deployments", "hub")
    failure = {"type": "ReplicaFailure", "status": "True", "message": "webhook says no"}
    hub["status"] = {"availableReplicas": 0, "conditions": [failure]}
    world.remove("pods", "hub-0")


def no_pod(world: World) -> None:
    world.get("deployments", "hub")["status"] = {}
    world.remove("pods", "hub-0")
