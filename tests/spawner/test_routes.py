"""A proxy that is killed has its routes again soon, and no server is lost."""

from __future__ import annotations

import time
import urllib.request
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import wait_until
from support.proxies import Proxy
from support.servers import begin, lost, ready, uids

pytestmark = pytest.mark.slow

USERS = {"ada", "bo", "cy"}
ROUTES = {"/"} | {f"/user/{user}" for user in USERS}


@pytest.fixture
def proxy_api(proxy: Proxy) -> int:
    """The proxy that `start_hub` uses."""
    return proxy.api_port


def test_a_killed_proxy_has_its_routes_again_within_half_a_minute(
    start_hub: Any, cluster: Cluster, proxy: Proxy
) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, USERS)
        pods = uids(cluster)
        assert proxy.routes() == ROUTES
        proxy.kill()
        proxy.start()
        began = time.monotonic()
        assert proxy.routes() == set()
        wait_until(lambda: proxy.routes() == ROUTES, hub.process, hub.log, 30)
        print(f"routes are back after {time.monotonic() - began:.1f} s")
        address = f"http://127.0.0.1:{proxy.port}/user/ada/api"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"version" in answer.read()
        assert ready(hub) == USERS
        assert lost(pods, cluster) == 0


def test_a_hub_outlives_a_proxy_that_is_away(
    start_hub: Any, cluster: Cluster, proxy: Proxy
) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, USERS)
        pods = uids(cluster)
        proxy.kill()
        wait_until(
            lambda: "failed with connection error" in hub.log.read_text(), hub.process, hub.log
        )
        assert ready(hub) == USERS
        proxy.start()
        wait_until(lambda: proxy.routes() == ROUTES, hub.process, hub.log, 30)
        begin(hub, ["new"])
        assert proxy.routes() == {*ROUTES, "/user/new"}
        assert lost(pods, cluster) == 0
