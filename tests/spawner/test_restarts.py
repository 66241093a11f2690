"""Whatever happens to the hub or to Kubernetes' API: no server is lost."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from kubernetes_asyncio.client.exceptions import ApiException
from support.clusters import Cluster
from support.hubs import Hub, wait_until

from z2jh_hub.starting import is_passing
from z2jh_hub.watching import STALE, is_doubt, stands_still, timed

USERS = ("ada", "bo", "cy")
SLOW = "Z2JH_SLOW_TESTS"


def reflector(*, began: bool = True, task: Any = None, listed: float | None = 0.0) -> Any:
    first = SimpleNamespace(done=lambda: began)
    return SimpleNamespace(first_load_future=first, watch_task=task, listed=listed)


@pytest.mark.parametrize(
    ("given", "still"),
    [
        ({"began": False}, False),
        ({}, True),  # its first list failed: there was never a watch
        ({"task": SimpleNamespace(done=lambda: True)}, True),
        ({"task": SimpleNamespace(done=lambda: False)}, False),
        ({"task": SimpleNamespace(done=lambda: False), "listed": -STALE - 1}, True),
        ({"task": SimpleNamespace(done=lambda: False), "listed": None}, False),
    ],
    ids=["begins", "never began", "ended", "runs", "stuck", "unknown"],
)
def test_a_watch_that_stands_still_is_noticed(given, still):
    assert stands_still(reflector(**given), 0.0) is still


async def test_a_list_is_noted():
    class Plain:
        async def _list_and_update(self, version: str) -> str:
            return version + "1"

    made = timed(Plain)()
    assert made.listed is None
    assert await made._list_and_update("4") == "41"
    assert made.listed <= time.monotonic()
    assert timed(Plain) is timed(Plain)
    assert timed(Plain).__name__ == "Plain"


@pytest.mark.parametrize(
    ("error", "doubt", "passing"),
    [
        (ApiException(status=503), True, True),
        (ApiException(status=429), True, True),
        (ApiException(status=403), True, False),
        (ApiException(status=404), False, False),
        (ApiException(status=422), False, False),
        (aiohttp.ClientError(), True, True),
        (TimeoutError(), True, True),
        (KeyError("x"), False, False),
    ],
    ids=repr,
)
def test_what_an_error_says(error, doubt, passing):
    assert is_doubt(error) is doubt
    assert is_passing(error) is passing


def begin(hub: Hub, users: tuple[str, ...] = USERS) -> None:
    for user in users:
        hub.api(f"users/{user}", "POST")
        assert hub.api(f"users/{user}/server", "POST")[0] in (201, 202)
    wait_until(lambda: ready(hub) >= set(users), hub.process, hub.log)


def ready(hub: Hub) -> set[str]:
    """The users whose server runs and answers, as the hub knows it."""
    return {user["name"] for user in hub.api("users")[1] if _is_ready(user)}


def _is_ready(user: Any) -> bool:
    return bool(user["servers"].get("", {}).get("ready"))


def test_a_killed_hub_finds_its_servers_while_kubernetes_refuses(
    start_hub, cluster: Cluster
) -> None:
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    with start_hub({}, **environ) as hub:
        begin(hub)
        hub.process.kill()
        hub.process.wait()
    pods = {name: cluster.get(f"pods/{name}") for name in cluster.names("pods")}
    cluster.fault("refuse", resource="pods")
    with start_hub({}, **environ) as hub:
        wait_until(lambda: ready(hub) == set(USERS), hub.process, hub.log)
        assert "so it is left alone" in hub.log.read_text()
        cluster.heal()
        begin(hub, ("new",))
        assert ready(hub) == {*USERS, "new"}
        assert hub.api("users/ada/server", "DELETE")[0] in (202, 204)
        wait_until(lambda: "jupyter-ada" not in cluster.names("pods"), hub.process, hub.log)
    for user in ("bo", "cy"):
        pod = cluster.get(f"pods/jupyter-{user}")
        assert pod["metadata"]["uid"] == pods[f"jupyter-{user}"]["metadata"]["uid"]
    print("servers lost: 0")


def test_lost_watches_and_versions_too_old(start_hub, cluster: Cluster) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub)
        cluster.fault("expire", resource="*", times=4)
        cluster.fault("drop-watches")
        begin(hub, ("new",))
        assert ready(hub) == {*USERS, "new"}
        assert len(cluster.names("pods")) == 4


def test_a_conflict_with_our_own_pod_is_success(start_hub, cluster: Cluster) -> None:
    """The pod is made after the hub has stopped waiting for the answer."""
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("delay", verb="create", resource="pods", seconds=4, times=1)
        begin(hub, ("ada",))
        assert "attempting to kill" not in hub.log.read_text()
        assert cluster.names("pods") == ["jupyter-ada"]


def test_a_start_waits_for_kubernetes(start_hub, cluster: Cluster) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ("ada",))
        cluster.fault("refuse", verb="create", resource="pods", duration=5)
        begin(hub, ("bo",))
        assert ready(hub) == {"ada", "bo"}


@pytest.mark.skipif(not os.environ.get(SLOW), reason=f"takes two minutes; {SLOW} is not set")
@pytest.mark.timeout(300)
def test_kubernetes_refuses_for_longer_than_a_watch_tries(start_hub, cluster: Cluster) -> None:
    """KubeSpawner's own watch gives up after 51 seconds, and its memory of pods freezes."""
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub)
        cluster.fault("refuse", verb="list")
        cluster.fault("refuse", verb="watch")
        cluster.fault("drop-watches")
        wait_until(
            lambda: "never recovered, giving up" in hub.log.read_text(),
            hub.process,
            hub.log,
            seconds=120,
        )
        assert ready(hub) == set(USERS)
        cluster.heal()
        begin(hub, ("new",))
        assert ready(hub) == {*USERS, "new"}
        assert "stands still; it is begun again" in hub.log.read_text()
        assert len(cluster.names("pods")) == 4
        print("servers lost: 0")
