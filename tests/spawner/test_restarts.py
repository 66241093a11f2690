"""Whatever happens to the hub or to Kubernetes' API: no server is lost."""

from __future__ import annotations

import os
from pathlib import Path

import aiohttp
import pytest
from kubernetes_asyncio.client.exceptions import ApiException
from support.clusters import Cluster
from support.hubs import wait_until
from support.servers import begin, lost, ready, request, uids

from z2jh_hub.spawner.kubernetes_api import is_transient, leaves_pod_unknown

pytestmark = pytest.mark.slow

USERS = ("ada", "bo", "cy")
SLOW = "Z2JH_SLOW_TESTS"


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
    assert leaves_pod_unknown(error) is doubt
    assert is_transient(error) is passing


def test_a_killed_hub_finds_its_servers_while_kubernetes_refuses(
    start_hub, cluster: Cluster
) -> None:
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    with start_hub({}, **environ) as hub:
        begin(hub, USERS)
        hub.kill()
    pods = uids(cluster)
    cluster.fault("refuse", resource="pods")
    with start_hub({}, **environ) as hub:
        wait_until(lambda: ready(hub) == set(USERS), hub.process, hub.log)
        assert "is unknown; not stopping it" in hub.log.read_text()
        cluster.heal()
        begin(hub, ("new",))
        assert ready(hub) == {*USERS, "new"}
        assert hub.api("users/ada/server", "DELETE")[0] in (202, 204)
        wait_until(lambda: "jupyter-ada" not in cluster.names("pods"), hub.process, hub.log)
    del pods["jupyter-ada"]
    assert lost(pods, cluster) == 0


# servers are where nobody listens, as long as the file `closed` is there
CLOSED = """
from pathlib import Path

def url(spawner, pod):
    port = 1 if Path("closed").exists() else spawner._get_pod_port(pod)
    return f"http://{pod['status']['podIP']}:{port}"

c.KubeSpawner.get_pod_url = url
c.Spawner.http_timeout = 4
c.Spawner.poll_interval = 1
c.JupyterHub.init_spawners_timeout = 1
"""


def test_a_server_that_does_not_answer_a_starting_hub_is_left_alone(
    start_hub, cluster: Cluster, tmp_path: Path
) -> None:
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    with start_hub({}, **environ) as hub:
        begin(hub, USERS)
        hub.kill()
    pods = uids(cluster)
    closed = tmp_path / "work" / "closed"
    closed.touch()
    with start_hub({"hub": {"extraConfig": {"closed": CLOSED}}}, **environ) as hub:
        assert ready(hub) == set()
        wait_until(lambda: ready(hub) == set(USERS), hub.process, hub.log)
        assert hub.log.read_text().count("does not answer; not stopping it") == len(USERS)
        assert lost(pods, cluster) == 0
        assert hub.api("users/ada/server", "DELETE")[0] in (202, 204)
        wait_until(lambda: "jupyter-ada" not in cluster.names("pods"), hub.process, hub.log)


def test_a_pod_that_stays_pending_is_given_up(start_hub, cluster: Cluster) -> None:
    """The hub that waited for it was killed; the next one waits as long as a start may take."""
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    cluster.fault("fail-pod", reason="Unschedulable")
    with start_hub({}, **environ) as hub:
        request(hub, ["ada"])
        wait_until(lambda: cluster.names("pods") == ["jupyter-ada"], hub.process, hub.log)
        hub.kill()
    with start_hub({"singleuser": {"startTimeout": 5}}, **environ) as hub:
        wait_until(lambda: cluster.names("pods") == [], hub.process, hub.log)
        cluster.heal()
        begin(hub, ["ada"])


def test_a_second_hub_for_a_moment_takes_no_server_from_the_first(
    start_hub, cluster: Cluster
) -> None:
    """As when a deployment is rolled over, or a node that was lost comes back."""
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    with start_hub({}, **environ) as first:
        begin(first, USERS)
        with start_hub({}, **environ) as second:
            wait_until(lambda: ready(second) == set(USERS), second.process, second.log)
            begin(first, ["new"])
            pods = uids(cluster)
            assert len(pods) == len(USERS) + 1
        assert ready(first) == {*USERS, "new"}
        begin(first, ["newer"])
        assert lost(pods, cluster) == 0
    with start_hub({}, **environ) as third:
        assert ready(third) == {*USERS, "new", "newer"}
        assert lost(pods, cluster) == 0


def test_lost_watches_and_versions_too_old(start_hub, cluster: Cluster) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, USERS)
        pods = uids(cluster)
        cluster.fault("expire", resource="*", times=4)
        cluster.fault("drop-watches")
        begin(hub, ("new",))
        assert ready(hub) == {*USERS, "new"}
        assert lost(pods, cluster) == 0


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


def test_the_first_start_of_a_hub_waits_for_kubernetes(start_hub, cluster: Cluster) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("refuse", duration=5)
        begin(hub, ("ada",))


@pytest.mark.skipif(not os.environ.get(SLOW), reason=f"takes two minutes; {SLOW} is not set")
@pytest.mark.timeout(300)
def test_kubernetes_refuses_for_longer_than_a_watch_tries(start_hub, cluster: Cluster) -> None:
    """KubeSpawner's own watch gives up after 51 seconds, and its memory of pods freezes."""
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, USERS)
        pods = uids(cluster)
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
        assert "is stale; restarting it" in hub.log.read_text()
        assert lost(pods, cluster) == 0
