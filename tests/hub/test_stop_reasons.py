"""The home page says why a server stopped, also after a restart of the hub."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY, Person
from support.servers import begin, ready

from z2jh_hub.spawner.stops import reason_of

VALUES: dict[str, Any] = {
    "hub": {
        "config": {**ANYBODY, "Authenticator": {"admin_users": ["root"]}},
        # a server that ended is noticed at once
        "extraConfig": {"polling": "c.Spawner.poll_interval = 1"},
    }
}


@pytest.fixture
def hub(start_hub: Callable[..., Any], cluster: Cluster) -> Iterator[Hub]:
    with start_hub(VALUES, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        yield hub


def wait_until_stopped(hub: Hub, user: str) -> None:
    stopped = lambda: not hub.api(f"users/{user}")[1]["servers"]  # noqa: E731
    wait_until(stopped, hub.process, hub.log)


def end(cluster: Cluster, user: str, **status: Any) -> None:
    """Have the pod of a user end."""
    cluster.call("PATCH", f"pods/jupyter-{user}/status", {"status": status}, "merge-patch+json")


def notebook(reason: str, code: int) -> dict[str, Any]:
    """Return the status of a pod whose container ended."""
    state = {"terminated": {"reason": reason, "exitCode": code}}
    status = {"name": "notebook", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
    return {"phase": "Failed", "containerStatuses": [{**status, "state": state}]}


LOST = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
EVICTED = {"phase": "Failed", "reason": "Evicted", "containerStatuses": None}


def test_reasons_of_pods(hub: Hub, cluster: Cluster) -> None:
    cases = {
        "ada": (notebook("OOMKilled", 137), "because it ran out of memory"),
        "bo": (EVICTED, "short of resources"),
        "cy": (notebook("Completed", 0), "It shut itself down at"),
        "di": (notebook("Error", 1), "It crashed at"),
    }
    begin(hub, cases)
    for user, (status, _) in cases.items():
        end(cluster, user, **status)
    for user, (_, message) in cases.items():
        wait_until_stopped(hub, user)
        home = Person(hub, user).get("home")[1]
        assert message in home
        assert "Your files are kept." in home


def test_a_server_on_a_lost_node_says_so(hub: Hub, cluster: Cluster) -> None:
    begin(hub, ["ada", "bo"])
    end(cluster, "ada", conditions=[LOST])
    for user in ("ada", "bo"):
        cluster.call("DELETE", f"pods/jupyter-{user}")
    wait_until_stopped(hub, "ada")
    wait_until_stopped(hub, "bo")
    assert "because the machine that it ran on failed" in Person(hub, "ada").get("home")[1]
    assert "because it was removed from the cluster" in Person(hub, "bo").get("home")[1]


def test_a_stop_names_who_requested_it(hub: Hub) -> None:
    begin(hub, ["ada", "bo"])
    hub.api("users/ada/server", "DELETE")
    root = Person(hub, "root")
    request = urllib.request.Request(
        f"{hub.url}api/users/bo/server",
        method="DELETE",
        headers={"Cookie": root.cookies, "X-XSRFToken": root.cookie("_xsrf")},
    )
    urllib.request.urlopen(request, timeout=30).close()
    wait_until(lambda: not ready(hub), hub.process, hub.log)
    assert "by the service tests" in Person(hub, "ada").get("home")[1]
    assert "by an administrator" in Person(hub, "bo").get("home")[1]


@pytest.mark.parametrize(
    ("cull", "message"),
    [
        ({"timeout": 3}, "because it was unused for a minute"),
        ({"timeout": 3600, "maxAge": 3}, "because it reached its maximum age of a minute"),
    ],
)
def test_a_culled_server_says_why_also_after_a_restart(
    cull: dict[str, Any], message: str, start_hub: Callable[..., Any], cluster: Cluster
) -> None:
    values = {"hub": {"config": ANYBODY}, "cull": {"enabled": True, "every": 1, **cull}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["ada"])
        wait_until_stopped(hub, "ada")
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        ada = Person(hub, "ada")
        for page in ("home", "spawn-pending/ada"):
            text = ada.get(page)[1]
            assert message in text
            assert "Your files are kept." in text


def test_files_that_are_not_kept_are_not_promised(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    values = {"hub": {"config": ANYBODY}, "singleuser": {"storage": {"type": "none"}}}
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        begin(hub, ["ada"])
        hub.api("users/ada/server", "DELETE")
        wait_until(lambda: not ready(hub), hub.process, hub.log)
        home = Person(hub, "ada").get("home")[1]
        assert "Stopped at" in home
        assert "files are kept" not in home


@pytest.mark.parametrize(
    ("event", "reason"),
    [("TaintManagerEviction", "node-lost"), ("Preempted", "preempted"), ("Killing", "deleted")],
)
def test_an_event_explains_why_a_pod_was_deleted(event: str, reason: str) -> None:
    assert reason_of({"status": {"phase": "Running"}}, [{"reason": event}]) == reason
