"""A real kube-apiserver and the embedded API, side by side.

`KUBEBUILDER_ASSETS` names the directory of etcd and kube-apiserver (the convention of Kubernetes'
envtest); without it these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from z2jh_hub.local.api import make_app
from z2jh_hub.local.store import Store

TOKEN = "conformance"
READY_SECONDS = 90


@pytest.fixture(scope="session")
def assets() -> Path:
    """The directory of the real programs."""
    named = os.environ.get("KUBEBUILDER_ASSETS")
    if not named:
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names a directory with kube-apiserver, etcd")
    return Path(named)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def real_url(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real API server without controllers, on an etcd of its own."""
    folder = tmp_path_factory.mktemp("kubernetes")
    client, peer, port = free_port(), free_port(), free_port()
    etcd_url = f"http://127.0.0.1:{client}"
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,1,system:masters\n")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: the API server needs a key")
    key = folder / "key.pem"
    subprocess.run([openssl, "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    commands = {
        "etcd": [
            f"--data-dir={folder}/etcd",
            f"--listen-client-urls={etcd_url}",
            f"--advertise-client-urls={etcd_url}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
        ],
        "kube-apiserver": [
            f"--etcd-servers={etcd_url}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={folder}/certs",
            f"--token-auth-file={folder}/tokens.csv",
            "--authorization-mode=AlwaysAllow",
            "--service-account-issuer=https://kubernetes.default",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.96.0.0/16",
            # what it would ask for is made by controllers, and there are none
            "--disable-admission-plugins=ServiceAccount",
        ],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for program, options in commands.items():
            with (folder / f"{program}.log").open("wb") as log:
                running.append(
                    subprocess.Popen([str(assets / program), *options], stdout=log, stderr=log)
                )
        url = f"https://127.0.0.1:{port}"
        _wait_until_ready(url, folder / "kube-apiserver.log")
        yield url
    finally:
        for process in reversed(running):
            process.kill()  # nothing of theirs is to be kept
            process.wait()


def _wait_until_ready(url: str, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    request = urllib.request.Request(f"{url}/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(request, context=unverified(), timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"kube-apiserver is not ready:\n{log.read_text()[-2000:]}")


def unverified() -> ssl.SSLContext:
    """The real server's certificate is its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
