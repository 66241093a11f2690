"""Fake mode: many pods, no processes, one responder."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from kubelet_support import NS, until

from z2jh_hub.local.kubelet.addresses import free_port
from z2jh_hub.local.kubelet.fake import FakeMode
from z2jh_hub.local.objects.resources import CLAIMS, EVENTS, PODS


@pytest.fixture
async def fake(start):
    mode = FakeMode(0.1)
    cluster = start(make=mode.make)
    yield cluster
    await mode.responder.close()


async def test_200_pods_become_ready_and_answer_as_jupyter_would(fake):
    ports = [{"containerPort": free_port(), "name": "notebook-port"}]
    names = [f"jupyter-{number}" for number in range(200)]
    for name in names:
        fake.create(name, ports=ports)
    await until(lambda: all(map(fake.ready, names)), "all ready")
    addresses = {fake.pod(name)["status"]["podIP"] for name in names}
    assert len(addresses) == 200
    async with aiohttp.ClientSession() as session:
        for address in sorted(addresses)[:5]:
            url = f"http://{address}:{ports[0]['containerPort']}/user/anna/api"
            async with session.get(url) as answer:
                assert answer.status == 200
                assert "version" in await answer.json()
    assert {"Scheduled", "Started"} <= set(fake.events("jupyter-7"))
    for name in names:
        fake.store.delete(PODS, NS, name, grace_seconds=1)
    await until(lambda: not fake.store.list(PODS)[0] and not fake.kubelet.pods, "all gone")
    assert not fake.context.addresses.taken
    assert not list(fake.state.pods.iterdir())


async def test_a_claim_is_bound_without_a_directory(fake):
    fake.claim()
    claims = fake.state.claims
    await until(lambda: fake.store.list(CLAIMS)[0][0]["status"]["phase"] == "Bound", "bound")
    assert not list(claims.iterdir())


@pytest.mark.parametrize(
    ("fault", "phase"),
    [("ErrImagePull", "Pending"), ("Unschedulable", "Pending"), ("OOMKilled", "Failed")],
)
async def test_faults_apply_to_fake_pods(fake, fault, phase):
    fake.faults.fail_pod(fault)
    fake.create()
    await until(
        lambda: any(e["type"] == "Warning" for e in fake.store.list(EVENTS)[0]), "a warning"
    )
    assert fake.pod()["status"]["phase"] == phase
    fake.faults.clear()
    if phase == "Pending":
        await until(fake.ready, "ready")


async def test_pod_deleted_before_it_is_ready_never_becomes_ready(fake):
    fake.create()
    await asyncio.sleep(0)
    fake.store.delete(PODS, NS, "jupyter-a", grace_seconds=0)
    await until(lambda: not fake.kubelet.pods, "forgotten")
    assert fake.pod() is None
