"""Traffic of user servers through the real proxy: websockets, large files, and a slow proxy."""

from __future__ import annotations

import hashlib
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import backends
from support.clusters import Cluster
from support.hubs import wait_until
from support.proxies import Proxy
from support.servers import begin, lost, ready, request, uids
from tornado.websocket import websocket_connect

pytestmark = pytest.mark.slow

MIB = 200
DEADLINE = 60  # seconds


@pytest.fixture
def proxy_api(proxy: Proxy) -> int:
    """The proxy that `start_hub` uses."""
    return proxy.api_port


@pytest.fixture(autouse=True)
def _backend(tmp_path: Path) -> Iterator[None]:
    """Let the test's own server answer for all fake pods."""
    with backends.serve() as port:
        folder = tmp_path / "mounts" / "jupyterhub_config.d"
        folder.mkdir(parents=True)
        (folder / "servers.py").write_text(f"c.KubeSpawner.port = {port}\n")
        yield


def server(proxy: Proxy, path: str, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{proxy.port}/user/ada/{path}"


async def test_a_websocket_outlives_the_hub(start_hub: Any, cluster: Cluster, proxy: Proxy) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["ada"])
        pods = uids(cluster)
        channel = await websocket_connect(server(proxy, "channels", "ws"))
        await channel.write_message("before")
        assert await channel.read_message() == "echo before"
        hub.kill()
        await channel.write_message("without a hub")
        assert await channel.read_message() == "echo without a hub"
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        wait_until(lambda: ready(hub) == {"ada"}, hub.process, hub.log)
        await channel.write_message("after")
        assert await channel.read_message() == "echo after"
        assert lost(pods, cluster) == 0
        channel.close()


def test_large_files_pass_both_ways(start_hub: Any, cluster: Cluster, proxy: Proxy) -> None:
    block = hashlib.sha256()
    for _ in range(MIB):
        block.update(backends.BLOCK)
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["ada"])
        down = hashlib.sha256()
        with urllib.request.urlopen(server(proxy, f"file?mib={MIB}"), timeout=DEADLINE) as answer:
            while part := answer.read(1 << 20):
                down.update(part)
        assert down.hexdigest() == block.hexdigest()
        upload = urllib.request.Request(
            server(proxy, "file"),
            data=(backends.BLOCK for _ in range(MIB)),
            method="PUT",
            headers={"Content-Length": str(MIB << 20)},
        )
        with urllib.request.urlopen(upload, timeout=DEADLINE) as answer:
            assert answer.read().decode() == block.hexdigest()


def test_a_proxy_that_does_not_answer_for_a_while_loses_nothing(
    start_hub: Any, cluster: Cluster, proxy: Proxy
) -> None:
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["ada"])
        pods = uids(cluster)
        proxy.process.send_signal(signal.SIGSTOP)
        try:
            request(hub, ["new"])
            deadline = time.monotonic() + 5
            wait_until(lambda: time.monotonic() > deadline, hub.process, hub.log)
            assert hub.api("users/ada")[0] == 200, "the API of the hub answers meanwhile"
        finally:
            proxy.process.send_signal(signal.SIGCONT)
        wait_until(lambda: ready(hub) == {"ada", "new"}, hub.process, hub.log)
        assert proxy.routes() == {"/", "/user/ada", "/user/new"}
        assert lost(pods, cluster) == 0
