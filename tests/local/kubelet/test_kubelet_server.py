"""The process `python -m z2jh_hub.local`: its state directory, signals and files."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from kubelet_support import WEB, alive, pod, until

WEB_RULE = "web=" + " ".join(WEB)


class LocalServer:
    """The process, and requests to its API."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.state = state
        self.ready_file = state.parent / "ready.json"
        self.ready_file.unlink(missing_ok=True)
        self.log = (state.parent / "server.log").open("ab")
        command = [sys.executable, "-m", "z2jh_hub.local", "--state", str(state)]
        command += ["--namespace", "jh", "--ready-file", str(self.ready_file), *arguments]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)

    async def ready(self) -> LocalServer:
        await until(lambda: self.ready_file.exists() or self.process.poll() is not None, "start")
        assert self.process.poll() is None, self.output()
        return self

    @property
    def url(self) -> str:
        return json.loads(self.ready_file.read_text())["url"]

    def output(self) -> str:
        return (self.state.parent / "server.log").read_text()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        token = (self.state / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v1/namespaces/jh/{path}"
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, url, json=body) as answer,
        ):
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def version(self) -> int:
        return int((await self.call("GET", "pods"))["metadata"]["resourceVersion"])

    async def pods(self) -> dict[str, Any]:
        """Return the pods by name, each with its readiness and address."""
        items = (await self.call("GET", "pods"))["items"]
        return {each["metadata"]["name"]: each for each in items}

    async def pod_ready(self, name: str) -> dict[str, Any]:
        for _ in range(600):
            pod = (await self.pods()).get(name, {})
            statuses = pod.get("status", {}).get("containerStatuses") or []
            if statuses and all(each["ready"] for each in statuses):
                return pod
            await asyncio.sleep(0.05)
        raise AssertionError(f"{name} did not become ready: {pod}\n{self.output()}")

    async def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        await until(lambda: self.process.poll() is not None, "the server's end", 30)
        return self.process.returncode

    def main_pid(self, pod: dict[str, Any]) -> int:
        notes = self.state / "pods" / pod["metadata"]["uid"] / "run" / "notebook"
        return int((notes / "pid").read_text())


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., LocalServer]]:
    servers: list[LocalServer] = []

    def make(*arguments: str) -> LocalServer:
        servers.append(LocalServer(tmp_path / "state", *arguments))
        return servers[-1]

    yield make
    # the last owner of the directory stops all pods
    if servers:
        with contextlib.suppress(ProcessLookupError):
            servers[-1].process.terminate()
        servers[-1].process.wait(30)
    for server in servers:
        server.process.kill()
        server.process.wait(10)
        server.log.close()


async def test_files_are_private_and_kubectl_can_use_them(serve):
    server = await serve("--image", WEB_RULE).ready()
    for path in (server.state, *server.state.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    config = json.loads((server.state / "kubeconfig").read_text())
    token = (server.state / "token").read_text().strip()
    assert config["users"][0]["user"]["token"] == token
    # kubectl sends no token over plain HTTP, so the URL contains it
    address = config["clusters"][0]["cluster"]["server"]
    assert address.startswith(server.url + "/")
    async with aiohttp.ClientSession() as session:
        assert (await session.get(f"{address}/api/v1/namespaces/jh/pods")).status == 200
        assert (await session.get(f"{server.url}/api/v1/namespaces/jh/pods")).status == 401
    assert config["contexts"][0]["context"]["namespace"] == "jh"


async def test_a_killed_server_leaves_its_pods_and_the_next_one_finds_them(serve):
    first = await serve("--image", WEB_RULE).ready()
    secret = {"metadata": {"name": "kept"}, "data": {"a": "eA=="}}
    await first.call("POST", "secrets", secret)
    await first.call("POST", "pods", pod("jupyter-a"))
    ready = await first.pod_ready("jupyter-a")
    await until(lambda: "kept" in (first.state / "objects.json").read_text(), "the record")
    pid, url, version = first.main_pid(ready), first.url, await first.version()
    assert await first.end(signal.SIGKILL) == -signal.SIGKILL
    assert alive(pid)

    second = await serve("--image", WEB_RULE).ready()
    assert second.url == url, "clients look for it where it was"
    again = await second.pod_ready("jupyter-a")
    assert again["metadata"]["uid"] == ready["metadata"]["uid"]
    assert await second.version() > version, "what clients have seen is not in the future"
    assert (await second.call("GET", "secrets/kept"))["data"] == {"a": "eA=="}
    assert second.main_pid(again) == pid
    assert await second.end(signal.SIGTERM) == 0
    assert not alive(pid)

    third = await serve("--image", WEB_RULE).ready()
    assert await third.pods() == {}


async def test_a_hang_up_leaves_the_pods(serve):
    first = await serve("--image", WEB_RULE).ready()
    await first.call("POST", "pods", pod("jupyter-a"))
    pid = first.main_pid(await first.pod_ready("jupyter-a"))
    assert await first.end(signal.SIGHUP) == 0
    assert alive(pid)
    second = await serve("--image", WEB_RULE).ready()
    await second.pod_ready("jupyter-a")
    assert await second.end(signal.SIGINT) == 0
    assert not alive(pid)


async def test_a_directory_has_one_server(serve):
    first = await serve().ready()
    second = LocalServer(first.state)
    second.ready_file = first.state.parent / "never.json"
    await until(lambda: second.process.poll() is not None, "a refusal")
    second.log.close()
    assert second.process.returncode == 1
    assert f"in use by another local server (process {first.process.pid})" in first.output()
    assert "--state" in first.output()


async def test_state_of_another_version_is_rejected_and_unchanged(serve, tmp_path):
    state = tmp_path / "state"
    (state / "claims" / "jh" / "claim-a").mkdir(parents=True)
    (state / "version").write_text("999\n")
    server = serve()
    await until(lambda: server.process.poll() is not None, "a refusal")
    assert server.process.returncode == 1
    assert "state version 999" in server.output()
    assert "Traceback" not in server.output()
    assert sorted(each.name for each in state.iterdir()) == ["claims", "version"]


async def test_port_in_use_is_reported(serve):
    first = await serve().ready()
    port = first.url.rpartition(":")[2]
    other = LocalServer(first.state.parent / "other", "--port", port)
    await until(lambda: other.process.poll() is not None, "a refusal")
    other.log.close()
    assert other.process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in other.output()


async def test_the_real_single_user_server_answers(serve):
    """`jupyterhub-singleuser`, as KubeSpawner starts it, with a substitute for the hub's API."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"version": "6.1.1"}, headers={"X-JupyterHub-Version": "6.1.1"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api = f"http://127.0.0.1:{runner.addresses[0][1]}/hub/api"
    env = {
        "JUPYTERHUB_API_TOKEN": "token",
        "JUPYTERHUB_API_URL": api,
        "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/a/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-a",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/a/oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": "[]",
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/a/",
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/user/a/",
        "JUPYTERHUB_USER": "a",
    }
    try:
        server = await serve().ready()
        claim = {
            "metadata": {"name": "claim-a"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        }
        await server.call("POST", "persistentvolumeclaims", claim)
        whole = pod(
            "jupyter-a",
            image="quay.io/jupyterhub/k8s-singleuser-sample:4.3.1",
            args=["jupyterhub-singleuser"],
            env=[{"name": name, "value": value} for name, value in env.items()],
            volumeMounts=[{"name": "home", "mountPath": "/home/jovyan"}],
            pod_volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": "claim-a"}}],
        )
        await server.call("POST", "pods", whole)
        ip = (await server.pod_ready("jupyter-a"))["status"]["podIP"]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{ip}:8888/user/a/api") as got,
        ):
            assert got.status == 200
            assert "version" in await got.json()
        await server.call("DELETE", "pods/jupyter-a?gracePeriodSeconds=2")
        for _ in range(200):
            if not await server.pods():
                break
            await asyncio.sleep(0.05)
        assert await server.pods() == {}
        assert os.listdir(server.state / "claims" / "jh" / "claim-a")
    finally:
        await runner.cleanup()
