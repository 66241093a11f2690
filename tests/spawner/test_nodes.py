"""Servers that no node can hold fail at once, unless an autoscaler may add one that can."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from troubles import NO_PREEMPTION, blocked, unscheduled

from z2jh_hub.failures import Fact, duration, find
from z2jh_hub.failures.catalogue import CATALOGUE
from z2jh_hub.spawner.node_capacity import shortfall
from z2jh_hub.spawner.pending_claim import PendingClaim
from z2jh_hub.spawner.start import AUTOSCALER_WAIT, Start

AT_ONCE = 15  # seconds, on a busy machine; without the nodes, each cause waits for a minute
PROFILES = [
    {"display_name": "Plain"},
    {"display_name": "Huge", "kubespawner_override": {"mem_guarantee": "100T"}},
    {"display_name": "GPU", "kubespawner_override": {"extra_resource_guarantees": {"x.io/gpu": 1}}},
]
STATUS = {"metadata": {"name": "cluster-autoscaler-status"}}


def node(name: str = "a", labels: Any = None, **allocatable: str) -> dict[str, Any]:
    amounts = {"cpu": "4", "memory": "16Gi", **allocatable}
    return {"metadata": {"name": name, "labels": labels}, "status": {"allocatable": amounts}}


def pod(*requests: dict[str, str], init: Any = (), **selector: str) -> dict[str, Any]:
    containers, first = (
        [{"resources": {"requests": each}} for each in group] for group in (requests, init)
    )
    return {
        "spec": {"containers": containers, "initContainers": first, "nodeSelector": selector},
        "status": {},
    }


GPU = {"nvidia.com/gpu": "2"}
POOL = node("b", {"pool": "gpu"}, **GPU)


@pytest.mark.parametrize(
    ("asking", "nodes", "reason"),
    [
        (pod({"cpu": "4", "memory": "16Gi"}), [node()], None),
        (pod({"cpu": "3"}, {"cpu": "3"}), [node()], "TooLarge"),
        (pod({"cpu": "1"}, init=[{"cpu": "5"}]), [node()], "TooLarge"),
        (pod({"memory": "17Gi"}), [node(), node("b", memory="32Gi")], None),
        (pod({"memory": "17Gi", "cpu": "8"}), [node(cpu="8"), node(memory="32Gi")], "TooLarge"),
        (pod({"nvidia.com/gpu": "1"}), [node()], "NoDevice"),
        (pod({"nvidia.com/gpu": "1"}), [node(), POOL], None),
        (pod({"nvidia.com/gpu": "4"}), [node(), POOL], "NoDevice"),
        (pod({"memory": "17Gi"}, pool="gpu"), [node(memory="32Gi"), POOL], "TooLarge"),
        (pod({"memory": "17Gi"}, pool="none"), [node()], None),
        (pod({"memory": "17Gi"}), [], None),
    ],
)
def test_a_pod_is_compared_with_empty_nodes(asking: Any, nodes: Any, reason: str | None) -> None:
    fact = shortfall(asking, nodes)
    assert (fact and fact.reason) == reason


def test_the_shortfall_names_the_resource_and_both_amounts() -> None:
    fact = shortfall(pod({"cpu": "9"}), [node(), node("b", cpu="8")])
    assert fact == Fact("nodes", "TooLarge", "cpu: the pod requests 9, and the largest node has 8")


def start_of(message: str, **state: Any) -> Start:
    """Return a start whose pod the scheduler refuses with a message."""
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    current = {"metadata": {"uid": "1"}, "status": {"conditions": [condition]}}
    result: list[Any] = [None]
    events = [{"involvedObject": {"uid": "1"}, **event} for event in state.pop("events", ())]
    start = Start(CATALOGUE, lambda: result[0], lambda: events, lambda: 600.0)
    result[0] = current
    vars(start).update(state, active=True)
    return start


TOO_LARGE = f"Insufficient memory. {NO_PREEMPTION}"
REFUSED = {"reason": "NotTriggerScaleUp", "message": "pod didn't trigger scale-up: 1 too small"}
LATER = {"reason": "NotTriggerScaleUp", "message": "1 in backoff after failed scale-up"}
GROWS = {"reason": "TriggeredScaleUp", "message": "pod triggered scale-up"}


@pytest.mark.parametrize(
    ("autoscaler", "events", "cause", "seconds"),
    [
        (None, [], "request-too-large", 60),
        (False, [], "request-too-large", 0),
        (True, [], "request-too-large", AUTOSCALER_WAIT),
        (True, [REFUSED], "request-too-large", 0),
        (True, [LATER], "request-too-large", AUTOSCALER_WAIT),
        (None, [REFUSED, GROWS], "scaling-up", 598),
    ],
)
def test_only_an_autoscaler_is_waited_for(
    autoscaler: bool | None, events: Any, cause: str, seconds: float
) -> None:
    start = start_of(TOO_LARGE, has_autoscaler=autoscaler, events=events)
    held_up_by = start.held_up_by()
    assert held_up_by
    assert held_up_by.failure.id == cause
    assert start.waiting_left() == pytest.approx(seconds, abs=1)
    assert bool(start.check()) is (seconds == 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (20, "20 seconds"), (90, "90 seconds"), (119, "2 minutes")],
)
def test_time_is_shown_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


class Answers:
    """The API of a cluster whose claims have no volume, for a reason."""

    def __init__(self, message: str):
        self.answers = {
            "claim": {"status": {"phase": "Pending"}},
            "events": {"items": [{"reason": "ProvisioningFailed", "message": message}]},
        }

    async def _answer(self, name: str) -> Any:
        async def text() -> str:
            return json.dumps(self.answers[name])

        return SimpleNamespace(status=200, text=text)

    async def read_namespaced_persistent_volume_claim(self, *_: Any, **__: Any) -> Any:
        return await self._answer("claim")

    async def list_namespaced_event(self, *_: Any, **__: Any) -> Any:
        return await self._answer("events")


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('storageclass.storage.k8s.io "fast" not found', "storage-class-missing"),
        ("waiting for the provisioner", "home-pending"),
    ],
)
async def test_a_missing_storage_class_is_found_at_the_first_look(message: str, cause: str) -> None:
    start = start_of("pod has unbound immediate PersistentVolumeClaims")
    start.current_pod()["spec"] = {}
    await PendingClaim(Answers(message), "ns", "claim-a", 5).update(start)
    held_up_by = start.held_up_by()
    assert held_up_by
    assert held_up_by.failure.id == cause
    assert bool(start.check()) is (cause == "storage-class-missing")


@contextmanager
def hub_of(start_hub: Any, cluster: Cluster, *, reads: bool) -> Iterator[Hub]:
    values = {
        "rbac": {"hub": {"readNodes": reads}},
        "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        yield hub


def begun(hub: Hub, user: str, profile: str) -> Iterator[dict[str, Any]]:
    hub.api(f"users/{user}", "POST")
    assert hub.api(f"users/{user}/server", "POST", {"profile": profile})[0] in (201, 202)
    yield from hub.events(f"{user}/server")


@pytest.mark.parametrize(
    ("profile", "message", "cause"),
    [
        ("huge", "Insufficient memory", "request-too-large"),
        ("gpu", "Insufficient x.io/gpu", "no-such-device"),
    ],
)
def test_a_hub_that_reads_nodes_fails_at_once(
    start_hub: Any, cluster: Cluster, profile: str, message: str, cause: str
) -> None:
    unscheduled(message).prepare(cluster, "ada")
    with hub_of(start_hub, cluster, reads=True) as hub:
        began = time.monotonic()
        *_, last = begun(hub, "ada", profile)
        assert f"({cause})" in last["message"]
        assert time.monotonic() - began < AT_ONCE
        assert "rbac.hub.readNodes" not in hub.log.read_text()


def test_an_autoscaler_is_waited_for_until_it_refuses(start_hub: Any, cluster: Cluster) -> None:
    cluster.call("POST", "/api/v1/namespaces/kube-system/configmaps", STATUS)
    unscheduled("Insufficient x.io/gpu").prepare(cluster, "ada")
    failure = find(CATALOGUE, [Fact("nodes", "NoDevice")])
    assert failure
    with hub_of(start_hub, cluster, reads=True) as hub:
        waited = []
        for event in begun(hub, "ada", "gpu"):
            if event.get("until") and event["failure"] == "no-such-device" and not waited:
                waited.append(event)
                blocked("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 Insufficient").meddle(
                    cluster, "ada"
                )
        assert waited[0]["waiting"] == failure.failure.waiting
        assert waited[0]["message"].endswith("This can take up to 3 minutes.")
        assert waited[0]["until"] == pytest.approx(time.time() + AUTOSCALER_WAIT, abs=60)
        assert "(no-such-device)" in event["message"]


@pytest.mark.parametrize("reads", [True, False])
def test_a_missing_permission_is_reported_only_if_nodes_should_be_read(
    start_hub: Any, cluster: Cluster, *, reads: bool
) -> None:
    cluster.fault("refuse", verb="list", resource="nodes", status=403, message="forbidden")
    unscheduled("Insufficient memory").prepare(cluster, "ada")
    with hub_of(start_hub, cluster, reads=reads) as hub:
        if reads:
            wait_until(
                lambda: "rbac.hub.readNodes is true, but" in hub.log.read_text(),
                hub.process,
                hub.log,
            )
        for event in begun(hub, "ada", "huge"):
            if event.get("failure"):
                break
        assert event["failure"] == "no-memory"  # as far as the hub knows, it is full
        assert ("readNodes" in hub.log.read_text()) is reads
