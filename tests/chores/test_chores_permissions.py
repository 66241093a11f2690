"""With a real API server, each chore needs exactly the permissions of its role."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from support.apiserver import TOKEN, api_server, client
from support.charts import render

from z2jh_hub.chores import ChoreError, acme, images, secrets
from z2jh_hub.chores.kubernetes import ApiError, Kubernetes

NAMESPACE = "permissions"
VALUES = """
proxy: {https: {enabled: true, hosts: [h.example], letsencrypt: {contactEmail: a@h.example}}}
"""
TLS = "proxy-public-tls-acme"


async def ensure(kubernetes: Kubernetes) -> None:
    """Create the Secret, and change it."""
    await secrets.ensure(kubernetes, "hub", {secrets.AUTH_TOKEN: ""}, {})
    await secrets.ensure(kubernetes, "hub", {secrets.AUTH_TOKEN: "given"}, {})


async def await_images(kubernetes: Kubernetes) -> None:
    """Read the last release, and the DaemonSet until its pods have warnings."""
    await images.unchanged(kubernetes, "hub", "x")
    looked = images.wait(kubernetes, "hook-image-puller", 0.01, 0, lambda _: None, poll=0.02)
    try:
        await looked
    except ChoreError as error:
        if "timeout after" not in str(error):
            raise


async def sync(kubernetes: Kubernetes) -> None:
    await acme.save(kubernetes, TLS, "acme.json", b"{}", {})
    await acme.save(kubernetes, TLS, "acme.json", b"{} ", {})


# role: its service account, and everything that uses it
WORK: dict[str, tuple[str, Callable[[Kubernetes], Awaitable[None]]]] = {
    "hub-secrets": ("hub-secrets", ensure),
    "hook-image-awaiter": ("hook-image-awaiter", await_images),
    "autohttps": ("autohttps", sync),
}


def permissions() -> list[Any]:
    """Return every verb of every rule of those roles: (role, number of the rule, verb)."""
    objects = render(VALUES, namespace=NAMESPACE)
    return [
        pytest.param(role, number, verb, id=f"{role}-{verb}-{rule['resources'][0]}")
        for role in WORK
        for number, rule in enumerate(objects[f"Role/{role}"]["rules"])
        for verb in rule["verbs"]
    ]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    users = {
        role: f"system:serviceaccount:{NAMESPACE}:{account}" for role, (account, _) in WORK.items()
    }
    with api_server(tmp_path_factory.mktemp("permissions"), users) as url:
        asyncio.run(_prepare(url))
        yield url


async def _prepare(url: str) -> None:
    """Create what exists when the chores run: a namespace and a DaemonSet without ready pods."""
    objects = render(VALUES, namespace=NAMESPACE)
    async with client(url, TOKEN, NAMESPACE) as admin:
        await admin.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/daemonsets"
        made = await admin.create(path, objects["DaemonSet/hook-image-puller"])
        status = {"observedGeneration": 1, "desiredNumberScheduled": 1, "numberReady": 0}
        status |= {"currentNumberScheduled": 1, "numberMisscheduled": 0}
        await admin.replace(f"{path}/hook-image-puller/status", {**made, "status": status})


async def _work_with(url: str, role: str, rules: list[Any]) -> None:
    """Do the work of `role` with only `rules`, starting with a clean namespace."""
    objects = render(VALUES, namespace=NAMESPACE)
    base = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}"
    async with client(url, TOKEN, NAMESPACE) as admin:
        existing = await admin.find(f"{base}/roles/{role}")
        changed = {**(existing or objects[f"Role/{role}"]), "rules": rules}
        if existing:
            await admin.replace(f"{base}/roles/{role}", changed)
        else:
            await admin.create(f"{base}/roles", changed)
            await admin.create(f"{base}/rolebindings", objects[f"RoleBinding/{role}"])
        for name in ("hub", TLS):
            path = f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}"
            if await admin.find(path):
                await admin._send("DELETE", path)
    async with client(url, role, NAMESPACE) as limited:
        await _until_known(limited, rules, role)
        await WORK[role][1](limited)


async def _until_known(limited: Kubernetes, rules: list[Any], role: str) -> None:
    """Wait until the API server has noticed a changed role."""
    review = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    body = {"spec": {"namespace": NAMESPACE}}
    expected = sorted(verb for rule in rules for verb in rule["verbs"])
    async with asyncio.timeout(20):
        while True:
            rules_now = (await limited.create(review, body))["status"]["resourceRules"]
            ours = [r for r in rules_now if not r["apiGroups"][0].endswith(".k8s.io")]
            if sorted(verb for rule in ours for verb in rule["verbs"]) == expected:
                return
            await asyncio.sleep(0.05)


# not roles of chores: tests/cluster/ tests the hub's; the other is kube-scheduler's
ELSEWHERE = {"hub", "user-scheduler"}


def test_every_role_of_a_chore_is_tested() -> None:
    roles = {name.partition("/")[2] for name in render(VALUES) if name.startswith("Role/")}
    assert roles - ELSEWHERE == WORK.keys()


@pytest.mark.parametrize("role", WORK)
async def test_role_has_all_needed_permissions(url: str, role: str) -> None:
    await _work_with(url, role, render(VALUES, namespace=NAMESPACE)[f"Role/{role}"]["rules"])


@pytest.mark.parametrize(("role", "number", "verb"), permissions())
async def test_each_permission_is_needed(url: str, role: str, number: int, verb: str) -> None:
    rules = copy.deepcopy(render(VALUES, namespace=NAMESPACE)[f"Role/{role}"]["rules"])
    rules[number]["verbs"].remove(verb)
    rules = [rule for rule in rules if rule["verbs"]]
    with pytest.raises(ApiError, match="403 Forbidden"):
        await _work_with(url, role, rules)
