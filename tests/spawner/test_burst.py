"""A hub killed in the middle of many starts, and started again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.servers import lost, ready, uids

pytestmark = pytest.mark.slow

SERVERS = 200
USERS = [f"user-{number:03}" for number in range(SERVERS)]
VALUES = {"hub": {"concurrentSpawnLimit": SERVERS}}


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Cluster]:
    """A Kubernetes whose pods take some seconds to be ready."""
    with Cluster(tmp_path / "kubernetes", "--fake", "10") as cluster:
        yield cluster


def ask_for_all(hub: Hub) -> None:
    def ask(user: str) -> int:
        return hub.api(f"users/{user}/server", "POST")[0]

    with ThreadPoolExecutor(10) as pool:
        # 400: runs already
        assert set(pool.map(ask, USERS)) <= {201, 202, 400}


@pytest.mark.timeout(300)
def test_a_hub_killed_in_a_burst_loses_no_server(start_hub: Any, slow: Cluster) -> None:
    environ = {"KUBECONFIG": str(slow.kubeconfig)}
    with start_hub(VALUES, **environ) as hub:
        assert hub.api("users", "POST", {"usernames": USERS})[0] == 201
        began = time.monotonic()
        ask_for_all(hub)
        wait_until(lambda: len(slow.names("pods")) >= SERVERS / 2, hub.process, hub.log)
        hub.kill()
    print(f"killed after {time.monotonic() - began:.1f} s")
    pods = uids(slow)
    again = time.monotonic()
    with start_hub(VALUES, **environ) as hub:
        print(f"up again after {time.monotonic() - again:.1f} s")
        wait_until(lambda: len(ready(hub)) >= len(pods), hub.process, hub.log, 120)
        print(f"{len(ready(hub))} of {len(pods)} ready {time.monotonic() - again:.1f} s after")
        assert lost(pods, slow) == 0
        ask_for_all(hub)
        wait_until(lambda: ready(hub) == set(USERS), hub.process, hub.log, 120)
        print(f"all {SERVERS} ready {time.monotonic() - again:.1f} s after")
        assert lost(pods, slow) == 0
