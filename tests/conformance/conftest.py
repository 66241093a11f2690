"""A real kube-apiserver and the embedded API, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from support.apiserver import TOKEN, api_server, unverified

from z2jh_hub.local.api.app import make_app
from z2jh_hub.local.objects.store import Store


@pytest.fixture(scope="session")
def real_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real API server without controllers."""
    with api_server(tmp_path_factory.mktemp("kubernetes")) as url:
        yield url


@pytest.fixture
async def embedded_url() -> AsyncIterator[str]:
    server = TestServer(make_app(Store(), token=TOKEN))
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=unverified())
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield session
