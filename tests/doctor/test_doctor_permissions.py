"""With a real API server, the permissions in docs/doctor.md suffice, and nothing else is used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doctor.worlds import NAMESPACE, RELEASE
from support.apiserver import TOKEN, api_server, client
from support.charts import render

from z2jh_hub.doctor.gather import KINDS, gather
from z2jh_hub.doctor.releases import find_release

READER, NOBODY = "reader", "nobody"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    users = {READER: READER, NOBODY: NOBODY}
    with api_server(tmp_path_factory.mktemp("doctor"), users) as url:
        asyncio.run(_prepare(url))
        yield url


def rules() -> list[dict[str, Any]]:
    """Return the rules of docs/doctor.md."""
    lists = [
        {"apiGroups": [_group(kind.path)], "resources": [kind.plural], "verbs": ["list"]}
        for kind in KINDS.values()
    ]
    core = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
    other = {"apiGroups": [""], "resources": ["namespaces", "pods/log"], "verbs": ["get"]}
    return [*lists, core, other]


def _group(path: str) -> str:
    return path.split("/")[2] if path.startswith("/apis/") else ""


async def _prepare(url: str) -> None:
    """Create a release without pods, and a role that may read what the doctor reads."""
    async with client(url, TOKEN, NAMESPACE) as admin:
        await admin.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        role = {"metadata": {"name": READER}, "rules": rules()}
        await admin.create(f"{RBAC}/clusterroles", role)
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": READER}
        subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": READER}
        binding = {"metadata": {"name": READER}, "roleRef": reference, "subjects": [subject]}
        await admin.create(f"{RBAC}/clusterrolebindings", binding)
        objects = render(release=RELEASE, namespace=NAMESPACE)
        for name in ("hub", "proxy"):
            path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
            await admin.create(path, objects[f"Deployment/{name}"])
        secret = {"metadata": {"name": "hub"}, "data": {"hub.token": "c2VjcmV0"}}
        await admin.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", secret)


async def test_documented_permissions_suffice(url: str) -> None:
    async with client(url, READER, NAMESPACE) as kubernetes:
        assert await find_release(kubernetes) == RELEASE
        snapshot, unread = await gather(kubernetes, RELEASE)
    assert unread == ()
    assert snapshot.knows("nodes")
    assert snapshot.version["gitVersion"].startswith("v1.")


async def test_contents_of_secrets_are_not_sent(url: str) -> None:
    async with client(url, READER, NAMESPACE) as kubernetes:
        snapshot, _ = await gather(kubernetes, RELEASE)
    secret = snapshot.named("secrets", "hub")
    assert secret is not None
    assert "data" not in secret
    assert "f:data" in secret["metadata"]["managedFields"][0]["fieldsV1"]


async def test_everything_is_unread_without_permissions(url: str) -> None:
    async with client(url, NOBODY, NAMESPACE) as kubernetes:
        snapshot, unread = await gather(kubernetes, RELEASE)
    assert snapshot.objects == {}
    assert {each.what for each in unread} >= {kind.plural for kind in KINDS.values()}


def test_the_page_names_every_kind() -> None:
    page = Path(__file__).parents[2].joinpath("docs/doctor.md").read_text("utf-8").lower()
    names = {kind.plural for kind in KINDS.values()} - {"persistentvolumeclaims"}
    assert [name for name in names if name not in page] == []
