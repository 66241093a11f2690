"""The embedded API with an empty store, and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from conformance.client import Api

from z2jh_hub.local.api.app import make_app
from z2jh_hub.local.faults import Faults
from z2jh_hub.local.objects.store import Store

NS = "jh"


@pytest.fixture
def store() -> Store:
    return Store(namespaces=[NS, "other"])


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def url(store: Store, faults: Faults) -> AsyncIterator[str]:
    server = TestServer(make_app(store, faults=faults, token="right"))
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer right"}) as session:
        yield Api(session, url, NS)
