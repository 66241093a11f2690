"""Each fault of a release gives one finding, and a healthy release gives none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from doctor.worlds import NOW, World, ago, fails, healthy, pending
from support.charts import SCENARIOS, read

from z2jh_hub.config.ownership import DELETED
from z2jh_hub.doctor.standards import ENFORCE

INGRESS = {
    "proxy": {"service": {"type": "ClusterIP"}},
    "ingress": {"enabled": True, "hosts": ["hub.example.org"], "ingressClassName": "nginx",
                "tls": [{"hosts": ["hub.example.org"], "secretName": "hub-tls"}]},
}  # fmt: skip
UNSCHEDULABLE = "0/1 nodes are available: 1 Insufficient memory."


def certificate(days: float, host: str = "hub.example.org") -> bytes:
    """Return a self-signed certificate that ends in `days`, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    end = NOW + timedelta(days=days)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    )  # fmt: skip
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def https() -> World:
    world = healthy()
    world.certificates["proxy-public-tls-acme"] = [certificate(60)]
    return world


def ingress() -> World:
    world = healthy(INGRESS)
    world.objects["secrets"].append({"metadata": {"name": "hub-tls"}})
    world.certificates["hub-tls"] = [certificate(60)]
    return world


@pytest.mark.parametrize("make", [https, ingress], ids=["https", "ingress"])
def test_healthy_release_has_no_finding(make: Callable[[], World]) -> None:
    assert make().findings() == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_no_scenario_of_the_chart_has_an_error_when_it_runs(file: Any) -> None:
    world = healthy(read(file))
    world.labels = {}
    ids = {finding.id for finding in world.findings() if finding.severity == "error"}
    assert ids <= {"tls-secret-missing", "no-certificate", "ingress-class-missing",
                   "secret-missing"}, world.findings()  # fmt: skip


def old_cluster(world: World) -> None:
    world.version = "v1.27.9"
    world.objects["nodes"][0]["status"]["nodeInfo"]["kubeletVersion"] = "v1.27.9"


def old_node(world: World) -> None:
    world.objects["nodes"][0]["status"]["nodeInfo"]["kubeletVersion"] = "v1.29.0"


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


def secret_key_missing(world: World) -> None:
    fails(world.pod("proxy"), waiting="CreateContainerConfigError", message='secret "x" not found')


def hub_not_ready(world: World) -> None:
    fails(world.pod("hub"))["state"] = {"running": {"startedAt": ago(hours=1)}}
    world.event("Pod", "hub-0", "Unhealthy", "Readiness probe failed: HTTP 503")


def hub_starts(world: World) -> None:
    hub_not_ready(world)
    world.pod("hub")["status"]["startTime"] = ago(seconds=10)


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


def no_address(world: World) -> None:
    world.get("services", "proxy-public")["status"] = {"loadBalancer": {}}


def wrong_selector(world: World) -> None:
    world.get("services", "hub")["spec"]["selector"] = {"app": "another"}


def no_endpoints(world: World) -> None:
    world.get("endpoints", "proxy-api-1")["endpoints"] = []


def no_tls_secret(world: World) -> None:
    world.objects["secrets"].pop()
    world.certificates.clear()


def expired(world: World) -> None:
    world.certificates = {name: [certificate(-1)] for name in world.certificates}


def ends_soon(world: World) -> None:
    world.certificates = {name: [certificate(5)] for name in world.certificates}


def other_host(world: World) -> None:
    world.certificates = {"hub-tls": [certificate(60, "other.example.org")]}


def no_certificate_in(world: World) -> None:
    world.certificates = {name: [b"nothing"] for name in world.certificates}


def not_issued(world: World) -> None:
    world.certificates = {name: [] for name in world.certificates}


def ingress_class(world: World) -> None:
    world.objects["ingressclasses"] = []


def ingress_address(world: World) -> None:
    world.objects["ingresses"][0]["status"] = {}


def only_inside(world: World) -> None:
    world.objects["ingresses"].clear()


def no_secret(world: World) -> None:
    world.remove("secrets", "hub")


def other_token(world: World) -> None:
    for container in world.get("deployments", "proxy")["spec"]["template"]["spec"]["containers"]:
        for variable in container["env"]:
            if variable["name"] == "CONFIGPROXY_AUTH_TOKEN":
                variable.pop("valueFrom")
                variable["value"] = "0123456789abcdef0123456789abcdef"


def token_refused(world: World) -> None:
    hub_crashes(world)
    world.logs["hub-0"] = "File jupyterhub/proxy.py\ntornado: HTTP 403: Forbidden"


def secret_changed(world: World) -> None:
    world.get("secrets", "hub")["metadata"]["managedFields"][0]["time"] = ago(minutes=5)


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


# id of the finding: what breaks a release with automatic HTTPS
FAULTS: list[tuple[str, Callable[[World], None]]] = [
    ("kubernetes-too-old", old_cluster),
    ("node-version", old_node),
    ("object-missing", no_hub_service),
    ("object-missing", no_proxy),
    ("scaled-to-zero", scaled),
    ("pod-crashes", hub_crashes),
    ("out-of-memory", hub_out_of_memory),
    ("restarted-out-of-memory", hub_restarted),
    ("restarted", hub_restarts),
    ("image-not-pulled", scheduler_image),
    ("image-not-pulled", puller_image),
    ("pod-unschedulable", proxy_pending),
    ("reference-missing", secret_key_missing),
    ("pod-not-ready", hub_not_ready),
    ("pod-starting", hub_starts),
    ("pod-evicted", evicted),
    ("pods-refused", refused),
    ("no-pod", no_pod),
    ("no-default-storage-class", no_default_class),
    ("storage-class-missing", class_unknown),
    ("claim-not-provisioned", not_provisioned),
    ("claim-pending", slow_provisioner),
    ("claim-lost", claim_lost),
    ("claim-missing", claim_missing),
    ("no-external-address", no_address),
    ("service-without-endpoints", wrong_selector),
    ("service-without-endpoints", no_endpoints),
    ("no-certificate", no_tls_secret),
    ("no-certificate", not_issued),
    ("certificate-expired", expired),
    ("certificate-ends-soon", ends_soon),
    ("certificate-invalid", no_certificate_in),
    ("secret-missing", no_secret),
    ("token-mismatch", other_token),
    ("token-mismatch", token_refused),
    ("secret-changed", secret_changed),
    ("pod-security", privileged_hub),
    ("pod-security", privileged_user),
    ("quota-exhausted", quota),
    ("job-failed", job),
    ("failed-starts", failed_start),
    ("failed-starts", no_room_for_start),
    ("failed-starts", server_waits),
    ("node-not-ready", node_down),
    ("node-pressure", disk_pressure),
    ("no-room", full),
    ("pod-without-owner", without_owner),
    ("home-of-deleted-user", deleted_user),
]
# the same for a release behind an Ingress
INGRESS_FAULTS: list[tuple[str, Callable[[World], None]]] = [
    ("tls-secret-missing", no_tls_secret),
    ("certificate-invalid", not_issued),
    ("certificate-expired", expired),
    ("certificate-of-another-host", other_host),
    ("ingress-class-missing", ingress_class),
    ("ingress-without-address", ingress_address),
    ("only-inside-cluster", only_inside),
]


@pytest.mark.parametrize(
    ("expected", "fault"), FAULTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_each_fault_gives_exactly_its_finding(
    expected: str, fault: Callable[[World], None]
) -> None:
    world = https()
    fault(world)
    check_only(world, expected)


@pytest.mark.parametrize(
    ("expected", "fault"), INGRESS_FAULTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_each_fault_behind_an_ingress_gives_exactly_its_finding(
    expected: str, fault: Callable[[World], None]
) -> None:
    world = ingress()
    fault(world)
    check_only(world, expected)


def check_only(world: World, expected: str) -> None:
    findings = world.findings()
    assert [finding.id for finding in findings] == [expected], findings
    (finding,) = findings
    assert finding.message
    assert finding.consequence
    assert finding.fix
