"""A server that cannot start says so at once, on the spawn page, in the API and in the log."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import OWN_CLASS, Hub, free_port, wait_until

from z2jh_hub.failures import find
from z2jh_hub.spawner.kubernetes_api import Refused
from z2jh_hub.spawner.start import Start
from z2jh_hub.spawner.start_failures import StartFailed

QUICK = 100  # seconds; the start timeout is 300


def started(hub: Hub, user: str = "ada") -> list[dict[str, Any]]:
    hub.api(f"users/{user}", "POST")
    # what an earlier start left behind is removed after its failure
    wait_until(lambda: not hub.api(f"users/{user}")[1]["pending"], hub.process, hub.log)
    status, answer = hub.api(f"users/{user}/server", "POST")
    if status >= 400:  # it failed before the answer was given
        return [answer | {"failed": True}]
    begun = time.monotonic()
    events = hub.progress(f"{user}/server")
    assert time.monotonic() - begun < QUICK
    return events


@pytest.mark.parametrize("own", ["", OWN_CLASS], ids=["the default class", "an own class"])
def test_missing_image_fails_at_once_with_its_reason(start_hub, cluster: Cluster, own: str) -> None:
    cluster.fault("fail-pod", reason="ErrImagePull", message="docker.io/x/y:9: not found")
    values = {"hub": {"extraConfig": {"own": own}}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        last = started(hub)[-1]
        assert last["failed"]
        assert (
            "does not exist under the name that is configured. (image-missing)" in (last["message"])
        )
        logged = hub.log.read_text()
        assert "next step: Correct singleuser.image" in logged
        assert "seen: ErrImagePull: docker.io/x/y:9: not found" in logged
        cluster.heal()
        again = started(hub)
        assert again[-1].get("ready"), again
        assert hub.process.poll() is None


def test_reason_for_waiting_is_shown_before_the_start_fails(start_hub, cluster: Cluster) -> None:
    own = {"no-gpu": {"wait": 2, "waiting": "All GPUs are taken. Waiting for one."}}
    message = "Insufficient nvidia.com/gpu"
    cluster.fault("fail-pod", reason="Unschedulable", message=message)
    values = {"hub": {"failures": own}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        events = started(hub)
        reported = [event for event in events if event.get("failure") == "no-gpu"]
        assert reported[0]["waiting"] == "All GPUs are taken. Waiting for one."
        assert reported[0]["message"] == f"{reported[0]['waiting']} This can take up to 2 seconds."
        assert "(no-gpu)" in events[-1]["message"]


def test_what_is_waited_for_can_come(start_hub, cluster: Cluster) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="Unschedulable", message="Insufficient cpu")
        hub.api("users/ada", "POST")
        assert hub.api("users/ada/server", "POST")[0] in (201, 202)
        reported = []
        for event in hub.events("ada/server"):
            reported.append(event)
            if event.get("failure") == "no-cpu":
                cluster.heal()
        assert "no-cpu" in [event.get("failure") for event in reported]
        assert reported[-1]["ready"]


REFUSALS = [
    ("pods", 'pods "x" is forbidden: exceeded quota: q, requested: pods=1', "quota"),
    ("persistentvolumeclaims", "exceeded quota: storage", "quota"),
    ("pods", 'violates PodSecurity "restricted:latest": runAsNonRoot', "pod-security"),
    ("pods", 'admission webhook "w.x" denied the request: no', "refused-by-policy"),
]


def test_what_kubernetes_refuses_is_explained(start_hub, cluster: Cluster) -> None:
    """More often than the limit after which the hub would end itself."""
    values = {"hub": {"consecutiveFailureLimit": 2}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        for number, (resource, message, cause) in enumerate(REFUSALS):
            cluster.fault("refuse", verb="create", resource=resource, status=403, message=message)
            last = started(hub, f"user-{number}")[-1]
            cluster.heal()
            assert f"({cause})" in last["message"]
            assert message not in last["message"]
            assert message in hub.log.read_text()
        assert hub.process.poll() is None


def test_a_hub_that_may_not_see_its_pods_says_so_and_stays(start_hub, cluster: Cluster) -> None:
    """From the first, as with a service account that was forgotten: no watch ever began."""
    values = {"hub": {"consecutiveFailureLimit": 2}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("refuse", verb="list", resource="pods", status=403, message="forbidden")
        for user in ("ada", "bo", "cy"):
            assert "(hub-not-allowed)" in started(hub, user)[-1]["message"]
        assert "seen: 403: the hub cannot list pods" in hub.log.read_text()
        cluster.heal()
        wait_until(lambda: bool(started(hub)[-1].get("ready")), hub.process, hub.log)


def test_mistakes_in_the_words_keep_the_hub_from_starting(start_hub) -> None:
    values = {"hub": {"failures": {"no-gpo": {"user": "x"}}}}
    with pytest.raises(AssertionError, match="did you mean no-gpu"), start_hub(values):
        pass


def begin(server: Any, timeout: float | None = None) -> None:
    """Set the state of a start, as `start` does before it calls KubeSpawner."""
    server._current_start = Start(
        server.catalogue,
        lambda: server._current_pod(),
        lambda: server.events,
        lambda: server.start_timeout if timeout is None else timeout,
    )


async def test_kubespawners_own_timeout_is_told_by_what_held_the_start_up(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = spawner("ada", start_timeout=1)
    begin(server)
    why = {"type": "PodScheduled", "status": "False", "message": "3 Insufficient cpu."}
    pod = {"metadata": {"uid": "1"}, "spec": {}, "status": {"conditions": [why]}}
    monkeypatch.setattr(type(server), "events", [])
    monkeypatch.setattr(server, "_current_pod", lambda: pod)

    async def start() -> None:
        await asyncio.sleep(0.85)  # of the second; the hub's own look is at its end
        raise TimeoutError("pod jupyter-ada did not start in 1 seconds!")

    with pytest.raises(StartFailed) as failed:
        await server._follow(asyncio.ensure_future(start()))
    assert failed.value.diagnosis.failure.id == "no-cpu"


async def test_a_server_that_runs_and_does_not_answer_is_told(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = spawner("ada", http_timeout=1)
    monkeypatch.setattr(type(server), "server", SimpleNamespace(base_url="/user/ada/"))
    url = f"http://127.0.0.1:{free_port()}"
    begin(server, timeout=300)
    with pytest.raises(Refused) as refused:
        await server._until_reachable(url)
    result = find(server.catalogue, [refused.value.fact])
    assert result is not None
    assert result.failure.id == "no-answer"
    # what the start timeout leaves no time for is JupyterHub's to wait for
    begin(server, timeout=0)
    await server._until_reachable(url)
