"""Network policies are enforced: who reaches what, from where. Each test is one rule."""

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
USER, OTHER, STRANGER = "jupyter-ada", "jupyter-bob", "stranger"

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()"


@pytest.fixture(scope="module")
def metadata() -> Iterator[None]:
    """Something that answers as a cloud's metadata server would, where the cluster is ours."""
    if not os.environ.get("Z2JH_CLUSTER_IS_OURS"):
        pytest.skip("only on the tests' own cluster can a metadata server be made")
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
    """Two users' servers, and a pod that has nothing to do with the hub."""
    release.upgrade()
    with release.reached() as hub:
        for user in ("ada", "bob"):
            hub.start(user)
        container = namespace.get("pod", USER)["spec"]["containers"][0]
        namespace.apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": STRANGER},
                "spec": {
                    "securityContext": {
                        "runAsNonRoot": True,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "terminationGracePeriodSeconds": 0,
                    "containers": [
                        {
                            "name": "stranger",
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
        namespace.ready(STRANGER)
        yield namespace


def address(namespace: Namespace, target: str) -> tuple[str, int]:
    """Where something is: a Service of the release, a pod, the Kubernetes API, the metadata."""
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
def test_a_server_does_not_reach_the_metadata_of_the_cloud(running: Namespace) -> None:
    # the stranger, whom no policy is for, shows that it answers
    assert reaches(running, STRANGER, "metadata")
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
def test_an_open_egress_rule_does_not_open_the_metadata_of_the_cloud(
    running: Namespace, release: Release, rule: dict[str, Any]
) -> None:
    allow = {"singleuser": {"networkPolicy": {"egressAllowRules": {"cloudMetadataServer": True}}}}
    release.upgrade({"singleuser": {"networkPolicy": {"egress": [rule]}}})
    try:
        # the policy is in force: what a user may reach has not changed otherwise
        wait_until("ada reaches the hub", lambda: reaches(running, USER, "hub"), 30)
        assert not reaches(running, USER, "metadata")
        # and it is the `except` that keeps the user out
        release.upgrade(allow)
        wait_until("ada reaches the metadata", lambda: reaches(running, USER, "metadata"), 30)
    finally:
        release.upgrade()
    wait_until("the policy holds again", lambda: not reaches(running, USER, "metadata"), 30)


def test_a_stranger_reaches_the_kubernetes_api(running: Namespace) -> None:
    """So that a server's failing to is the policy's doing, not the cluster's."""
    assert reaches(running, STRANGER, "kubernetes")


@pytest.mark.parametrize("target", ["hub", "proxy-api", "ada"])
def test_a_stranger_does_not_reach(running: Namespace, target: str) -> None:
    assert not reaches(running, STRANGER, target)


def test_every_server_answers_through_the_proxy(running: Namespace, release: Release) -> None:
    with release.reached() as hub:
        assert hub.answers("ada")
        assert hub.answers("bob")


@pytest.mark.parametrize(
    ("policy", "pod", "target"),
    [
        ("hub", STRANGER, "hub"),
        ("proxy", STRANGER, "proxy-api"),
        ("singleuser", STRANGER, "ada"),
        ("singleuser", USER, "kubernetes"),
    ],
)
def test_it_is_the_policy_that_keeps_out(
    running: Namespace, policy: str, pod: str, target: str
) -> None:
    """Without it the same connection is made: the tests above can fail."""
    kept = running.get("networkpolicy", policy)
    running.kubectl("delete", "networkpolicy", policy)
    try:
        wait_until(f"{pod} reaches {target}", lambda: reaches(running, pod, target), 10)
    finally:
        kept["metadata"] = {key: kept["metadata"][key] for key in ("name", "labels", "annotations")}
        running.apply(kept)
    wait_until("the policy holds again", lambda: not reaches(running, pod, target), 10)
