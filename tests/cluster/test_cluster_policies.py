"""Network policies are enforced; each test covers one rule."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cluster_support import Release
from namespaces import Namespace, wait_until

METADATA = "169.254.169.254"
USER, UNRELATED = "jupyter-ada", "unrelated"

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()"


@pytest.fixture(scope="module")
def metadata() -> Iterator[None]:
    """Run a substitute for the cloud metadata server at its address."""
    if not os.environ.get("Z2JH_CLUSTER_IS_OURS"):
        pytest.skip("a substitute metadata server needs the tests' own cluster")
    address = f"{METADATA}/32"
    subprocess.run(["ip", "address", "replace", address, "dev", "lo"], check=True)
    server = http.server.ThreadingHTTPServer((METADATA, 80), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()
    subprocess.run(["ip", "address", "del", address, "dev", "lo"], check=True)


@pytest.fixture(scope="module")
def running(release: Release, namespace: Namespace) -> Iterator[Namespace]:
    """Start the servers of two users, and a pod that does not belong to the hub."""
    release.upgrade()
    with release.reached() as hub:
        for user in ("ada", "bob"):
            hub.start(user)
        container = namespace.get("pod", USER)["spec"]["containers"][0]
        namespace.apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": UNRELATED},
                "spec": {
                    "securityContext": {
                        "runAsNonRoot": True,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "terminationGracePeriodSeconds": 0,
                    "containers": [
                        {
                            "name": "unrelated",
                            "image": container["image"],
                            "command": ["sleep", "3600"],
                            "securityContext": {
                                "allowPrivilegeEscalation": False,
                                "capabilities": {"drop": ["ALL"]},
                            },
                        }
                    ],
                },
            }
        )
        namespace.ready(UNRELATED)
        yield namespace


def address(namespace: Namespace, target: str) -> tuple[str, int]:
    """Return host and port of a Service, a user server, the API or the metadata server."""
    match target:
        case "kubernetes":
            return "kubernetes.default", 443
        case "metadata":
            return METADATA, 80
        case "ada" | "bob":
            return namespace.get("pod", f"jupyter-{target}")["status"]["podIP"], 8888
    service = namespace.get("service", target)
    return service["spec"]["clusterIP"], service["spec"]["ports"][0]["port"]


def reaches(namespace: Namespace, pod: str, target: str) -> bool:
    host, port = address(namespace, target)
    code, _ = namespace.execute(pod, "python3", "-c", CONNECT, host, str(port))
    return code == 0


@pytest.mark.parametrize("target", ["hub", "proxy-public"])
def test_a_server_reaches(running: Namespace, target: str) -> None:
    assert reaches(running, USER, target)


@pytest.mark.parametrize("target", ["proxy-api", "kubernetes", "bob"])
def test_a_server_does_not_reach(running: Namespace, target: str) -> None:
    assert not reaches(running, USER, target)


@pytest.mark.usefixtures("metadata")
def test_a_server_does_not_reach_the_metadata_server(running: Namespace) -> None:
    # the unrelated pod, to which no policy applies, shows that it answers
    assert reaches(running, UNRELATED, "metadata")
    assert not reaches(running, USER, "metadata")


@pytest.mark.usefixtures("metadata")
@pytest.mark.parametrize(
    "rule",
    [
        {"ports": [{"port": 80, "protocol": "TCP"}]},
        {"to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}]},
    ],
    ids=["without to", "a CIDR that contains it"],
)
def test_an_open_egress_rule_does_not_open_the_metadata_server(
    running: Namespace, release: Release, rule: dict[str, Any]
) -> None:
    allow = {"singleuser": {"networkPolicy": {"egressAllowRules": {"cloudMetadataServer": True}}}}
    release.upgrade({"singleuser": {"networkPolicy": {"egress": [rule]}}})
    try:
        # the policy is in effect, and other connections still work
        wait_until("ada reaches the hub", lambda: reaches(running, USER, "hub"), 30)
        assert not reaches(running, USER, "metadata")
        # `except` is what blocks the connection
        release.upgrade(allow)
        wait_until("ada reaches the metadata", lambda: reaches(running, USER, "metadata"), 30)
    finally:
        release.upgrade()
    wait_until("the policy is in effect again", lambda: not reaches(running, USER, "metadata"), 30)


def test_an_unrelated_pod_reaches_the_kubernetes_api(running: Namespace) -> None:
    """So a policy, and not the cluster, keeps user servers from it."""
    assert reaches(running, UNRELATED, "kubernetes")


@pytest.mark.parametrize("target", ["hub", "proxy-api", "ada"])
def test_an_unrelated_pod_does_not_reach(running: Namespace, target: str) -> None:
    assert not reaches(running, UNRELATED, target)


def test_every_server_answers_through_the_proxy(running: Namespace, release: Release) -> None:
    with release.reached() as hub:
        assert hub.answers("ada")
        assert hub.answers("bob")


@pytest.mark.parametrize(
    ("policy", "pod", "target"),
    [
        ("hub", UNRELATED, "hub"),
        ("proxy", UNRELATED, "proxy-api"),
        ("singleuser", UNRELATED, "ada"),
        ("singleuser", USER, "kubernetes"),
    ],
)
def test_the_connection_succeeds_without_the_policy(
    running: Namespace, policy: str, pod: str, target: str
) -> None:
    """This shows that the tests above can fail."""
    removed = running.get("networkpolicy", policy)
    running.kubectl("delete", "networkpolicy", policy)
    try:
        wait_until(f"{pod} reaches {target}", lambda: reaches(running, pod, target), 10)
    finally:
        metadata = removed["metadata"]
        removed["metadata"] = {key: metadata[key] for key in ("name", "labels", "annotations")}
        running.apply(removed)
    wait_until("the policy is in effect again", lambda: not reaches(running, pod, target), 10)
