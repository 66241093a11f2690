"""The chores' client, with the embedded API and with a real kube-apiserver."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from support.apiserver import TOKEN, api_server

from z2jh_hub.chores.cluster import Cluster, find_cluster
from z2jh_hub.chores.kubernetes import Kubernetes
from z2jh_hub.local.api.app import make_app
from z2jh_hub.local.objects.store import Store


@pytest.fixture(scope="session")
def real_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with api_server(tmp_path_factory.mktemp("kubernetes")) as url:
        yield url


@pytest.fixture(params=["embedded", "real"])
async def server_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "real":
        yield request.getfixturevalue("real_url")
        return
    server = TestServer(make_app(Store(), token=TOKEN))
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


@pytest.fixture
async def kubeconfig_file(server_url: str, tmp_path: Path) -> Path:
    """A kubeconfig for the server, with the namespace of this test."""
    namespace = f"chores-{uuid.uuid4().hex[:8]}"
    file = tmp_path / "kubeconfig"
    named = {
        "clusters": [
            {"name": "c", "cluster": {"server": server_url, "insecure-skip-tls-verify": True}}
        ],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}
        ],
        "current-context": "x",
    }
    file.write_text(json.dumps(named))
    return file


@pytest.fixture
async def kubernetes(kubeconfig_file: Path) -> AsyncIterator[Kubernetes]:
    cluster: Cluster = find_cluster({"KUBECONFIG": str(kubeconfig_file)})
    async with Kubernetes(cluster) as client:
        namespace = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": client.namespace},
        }
        await client.create("/api/v1/namespaces", namespace)
        yield client


Secret = Callable[..., Any]


@pytest.fixture
def secret(kubernetes: Kubernetes) -> Secret:
    """`await secret(name)` reads and decodes a Secret."""
    from base64 import b64decode

    async def read(name: str = "hub") -> dict[str, str]:
        path = f"/api/v1/namespaces/{kubernetes.namespace}/secrets/{name}"
        secret_object = await kubernetes.get(path)
        return {key: b64decode(value).decode() for key, value in secret_object["data"].items()}

    return read
