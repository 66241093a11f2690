"""Faults that tests inject."""

from __future__ import annotations

import aiohttp
import pytest

from z2jh_hub.local.faults import Faults

FAULTS = "/faults"


async def test_fault_ends_after_its_number_of_times(api, faults):
    fault = faults.refuse("list", "pods", status=500, message="broken", times=2)
    answers = [(await api.get("pods")).status for _ in range(3)]
    assert answers == [500, 500, 200]
    assert fault.taken == 2
    assert (await api.get("configmaps")).status == 200


async def test_a_connection_can_be_dropped(api, faults):
    faults.add_json({"action": "drop", "verb": "create"})
    with pytest.raises(aiohttp.ClientError):
        await api.post("configmaps", {"metadata": {"name": "a"}})
    faults.clear()
    assert (await api.get("configmaps/a")).status == 404


async def test_faults_can_be_added_and_removed_over_http(api):
    added = {"action": "refuse", "verb": "get", "resource": "pods", "status": 403}
    assert (await api.post(FAULTS, added)).status == 201
    assert (await api.get("pods/p")).status == 403
    assert (await api.delete(FAULTS)).status == 200
    assert (await api.get("pods/p")).status == 404


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"action": "explode"}, "expected one of"),
        ({"action": "refuse", "verbs": "get"}, "unknown: verbs"),
        ({"action": "fail-pod"}, "needs a reason"),
        ({}, "with an action"),
    ],
)
async def test_invalid_fault_is_rejected(api, fault, message):
    answer = await api.post(FAULTS, fault)
    assert answer.status == 400
    assert message in answer["message"]


async def test_fault_ends_after_its_duration():
    clock = [0.0]
    faults = Faults(lambda: clock[0])
    faults.expire("pods", duration=60)
    assert faults.expires("pods", "jh")
    assert not faults.expires("events", "jh")
    clock[0] = 60.0
    assert not faults.expires("pods", "jh")


def test_pod_fault_applies_to_matching_names():
    faults = Faults()
    faults.fail_pod("OOMKilled", "jupyter-*", times=1)
    hub, user = ({"metadata": {"name": n, "namespace": "jh"}} for n in ("hub", "jupyter-a"))
    assert faults.pod_failure(hub) is None
    assert faults.pod_failure(user) == ("OOMKilled", "injected")
    assert faults.pod_failure(user) is None
