"""On a real API server: the spawner does its work with the hub's Role, and needs all of it."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import yaml
from jupyterhub import orm
from kubespawner.clients import load_config
from support.apiserver import api_server, client
from support.charts import render
from traitlets.config import Config

from z2jh_hub.chores.kubernetes import Kubernetes
from z2jh_hub.config.ownership import USER
from z2jh_hub.spawner import Z2JHKubeSpawner, homes
from z2jh_hub.spawner.start_failures import StartFailed

pytestmark = [pytest.mark.processes, pytest.mark.slow]

NAMESPACE = "permissions"
HUB = f"system:serviceaccount:{NAMESPACE}:hub"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
ROLES = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}"
# where homes go with their users, which the hub has one more permission for
VALUES = {"hub": {"config": {"KubeSpawner": {"delete_pvc": True}}}}


def rules() -> list[Any]:
    results: list[Any] = render(VALUES, namespace=NAMESPACE)["Role/hub"]["rules"]
    return copy.deepcopy(results)


def permissions() -> list[Any]:
    """Every verb on every resource: (resource, verb)."""
    return [
        pytest.param(resource, verb, id=f"{verb}-{resource}")
        for rule in rules()
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


def without(resource: str, verb: str) -> list[Any]:
    """The Role's rules, but for one verb on one resource."""
    return [
        {**rule, "resources": [each], "verbs": verbs}
        for rule in rules()
        for each in rule["resources"]
        if (verbs := [v for v in rule["verbs"] if (each, v) != (resource, verb)])
    ]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with api_server(tmp_path_factory.mktemp("hub"), {"hub": HUB}) as url:
        asyncio.run(_prepare(url))
        yield url


async def _prepare(url: str) -> None:
    objects = render(VALUES, namespace=NAMESPACE)
    async with client(url, namespace=NAMESPACE) as admin:
        await admin.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        await admin.create(f"{ROLES}/roles", objects["Role/hub"])
        await admin.create(f"{ROLES}/rolebindings", objects["RoleBinding/hub"])


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the API server refuses from now on."""
    requested: list[str] = []
    request = aiohttp.ClientSession._request

    async def recorded(self: Any, method: str, where: Any, **how: Any) -> Any:
        answer = await request(self, method, where, **how)
        if answer.status == 403:
            requested.append(f"{method} {answer.url.path_qs}")
        return answer

    monkeypatch.setattr(aiohttp.ClientSession, "_request", recorded)
    return requested


@pytest.fixture
async def spawner(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Z2JHKubeSpawner]:
    """A user's, as the hub's account."""
    cluster = {"server": url, "insecure-skip-tls-verify": True}
    context = {"cluster": "test", "user": "hub"}
    known = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "hub", "user": {"token": "hub"}}],
        "contexts": [{"name": "test", "context": context}],
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(known))
    place = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
    monkeypatch.setattr(place, str(tmp_path / "kubeconfig"))
    monkeypatch.setattr(Z2JHKubeSpawner, "reflectors", {})
    # a hub asks for these once: another test's answers are not this one's
    load_config.cache_clear()
    homes._lists.clear()
    home = {"storage_pvc_ensure": True, "storage_capacity": "1Gi", "delete_pvc": True}
    config = Config({"KubeSpawner": {"namespace": NAMESPACE, "image": "x", **home}})
    # another user each time: nothing here finishes the end of a claim
    name = f"u{secrets.token_hex(4)}"
    db = orm.new_session_factory("sqlite:///:memory:")()
    user = SimpleNamespace(
        id=1, name=name, url=f"/user/{name}/", escaped_name=name, groups=[], spawners={}, db=db
    )
    yield Z2JHKubeSpawner(config=config, user=user, _mock=True)
    load_config.cache_clear()
    db.close()
    db.get_bind().dispose()


async def work(spawner: Z2JHKubeSpawner) -> None:
    """All that the hub does for a user: home and server, their end, and what it asks in between."""
    await spawner.start()
    assert await spawner.poll() is None
    await spawner.stop(now=True)
    assert await spawner.poll() is not None
    await spawner.start()
    await spawner.stop(now=True)
    for deletes in (False, True):
        spawner.delete_pvc = deletes
        await spawner.delete_forever()


async def kubelet(admin: Kubernetes) -> None:
    """Says of every pod that it runs."""
    while True:
        for pod in (await admin.find(PODS) or {})["items"]:
            if pod["status"]["phase"] == "Pending":
                status = {"phase": "Running", "podIP": "127.0.0.1"}
                status["containerStatuses"] = [
                    {"name": "notebook", "ready": True, "restartCount": 0, "image": "x"}
                    | {"imageID": "x", "state": {"running": {}}}
                ]
                where = f"{PODS}/{pod['metadata']['name']}/status"
                await admin.replace(where, {**pod, "status": status})
        await asyncio.sleep(0.05)


async def _work_with(url: str, spawner: Z2JHKubeSpawner, given: list[Any], until: Any) -> None:
    """Work with the rules `given`, to its end or until `until` is true; then clear everything."""
    async with client(url, namespace=NAMESPACE) as admin, asyncio.timeout(30):
        role = await admin.find(f"{ROLES}/roles/hub")
        await admin.replace(f"{ROLES}/roles/hub", {**(role or {}), "rules": given})
        await _until_known(url, given)
        runs = asyncio.create_task(kubelet(admin))
        works = asyncio.create_task(work(spawner))
        try:
            while not works.done() and not until():
                await asyncio.sleep(0.02)
            if works.done():
                works.result()
        finally:
            await _end(works, runs, spawner._start_future)
            for reflector in Z2JHKubeSpawner.reflectors.values():
                await _end(reflector.watch_task, reflector.first_load_future)
            for kind in ("pods", "persistentvolumeclaims"):
                await admin._send("DELETE", f"/api/v1/namespaces/{NAMESPACE}/{kind}")


async def _end(*tasks: asyncio.Future[Any] | None) -> None:
    """End them, and hear what became of each."""
    given = [task for task in tasks if task]
    for task in given:
        task.cancel()
    await asyncio.gather(*given, return_exceptions=True)


async def _until_known(url: str, given: list[Any]) -> None:
    """The API server hears of a changed role a moment later."""
    review = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    expected = sorted(verb for rule in given for verb in rule["verbs"])
    async with client(url, "hub", NAMESPACE) as hub:
        while True:
            results = (await hub.create(review, {"spec": {"namespace": NAMESPACE}}))["status"]
            ours = [r for r in results["resourceRules"] if r["apiGroups"] == [""]]
            if sorted(verb for rule in ours for verb in rule["verbs"]) == expected:
                return
            await asyncio.sleep(0.05)


async def test_the_role_is_enough(url: str, spawner: Any, refused: list[str]) -> None:
    await _work_with(url, spawner, rules(), lambda: False)
    assert refused == []


async def test_another_users_pod_and_home_stay(url: str, spawner: Any, refused: list[str]) -> None:
    """On a real API server: neither a start, nor its end, nor the user's end touches them."""
    claims = PODS.replace("pods", "persistentvolumeclaims")
    theirs = {"annotations": {USER: "grace"}, "labels": {"component": "singleuser-server"}}
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    container = {"name": "notebook", "image": "x"}
    async with client(url, namespace=NAMESPACE) as admin, asyncio.timeout(60):
        pod = {"name": spawner.pod_name, **theirs}
        made = await admin.create(PODS, {"metadata": pod, "spec": {"containers": [container]}})
        claim = {"name": spawner.pvc_name, **theirs}
        home = await admin.create(claims, {"metadata": claim, "spec": size})
        for failure in ("server-of-another", "home-of-another"):
            with pytest.raises(StartFailed) as caught:
                await spawner.start()
            assert caught.value.diagnosis.failure.id == failure
            assert "grace" not in caught.value.jupyterhub_message
            assert await spawner.poll() is not None
            await spawner.stop(now=True)
            if failure == "server-of-another":
                now = await admin.get(f"{PODS}/{spawner.pod_name}")
                assert now["metadata"]["uid"] == made["metadata"]["uid"]
                assert "deletionTimestamp" not in now["metadata"]
                end = f"{PODS}/{spawner.pod_name}"
                await admin._send("DELETE", end, {"gracePeriodSeconds": 0})
                while spawner._anothers_pod():
                    await asyncio.sleep(0.05)
        await spawner.delete_forever()
        now = await admin.get(f"{claims}/{spawner.pvc_name}")
        assert now["metadata"]["uid"] == home["metadata"]["uid"]
        assert now["metadata"]["annotations"] == {USER: "grace"}
        await admin._send("DELETE", claims)
        for reflector in Z2JHKubeSpawner.reflectors.values():
            await _end(reflector.watch_task, reflector.first_load_future)
    assert refused == []


@pytest.mark.parametrize(("resource", "verb"), permissions())
async def test_each_permission_is_needed(
    url: str, spawner: Any, refused: list[str], resource: str, verb: str
) -> None:
    with contextlib.suppress(Exception):  # some of the work does without, some ends
        await _work_with(url, spawner, without(resource, verb), lambda: refused)
    assert refused
