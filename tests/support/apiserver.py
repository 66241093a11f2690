"""A real kube-apiserver with etcd and without controllers.

`KUBEBUILDER_ASSETS` names the directory of the etcd and kube-apiserver programs (the convention of
envtest). If it is not set, tests that need them are skipped.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from z2jh_hub.chores.cluster import Cluster
from z2jh_hub.chores.kubernetes import Kubernetes

from .hubs import free_port

TOKEN = "conformance"
READY_SECONDS = 90


def assets() -> Path:
    """Return the directory of the programs; skip the test if KUBEBUILDER_ASSETS is not set."""
    named = os.environ.get("KUBEBUILDER_ASSETS")
    if not named:
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names a directory with kube-apiserver, etcd")
    return Path(named)


def client(url: str, token: str = TOKEN, namespace: str = "default") -> Kubernetes:
    """Return the chores' client of an API server, as the user of `token`."""

    async def give() -> str:
        return token

    return Kubernetes(Cluster(url, namespace, give, unverified()))


@contextmanager
def api_server(folder: Path, users: dict[str, str] | None = None) -> Iterator[str]:
    """Run an API server in the `with` block; yield its URL. Data and logs are in `folder`.

    `TOKEN` has all permissions. With `users` ({token: name}), RBAC applies to them; without, every
    request is allowed.
    """
    programs = assets()
    client, peer, port = free_port(), free_port(), free_port()
    etcd_url = f"http://127.0.0.1:{client}"
    tokens = [f"{TOKEN},admin,1,system:masters"]
    tokens += [f"{token},{name},{name}" for token, name in (users or {}).items()]
    (folder / "tokens.csv").write_text("\n".join(tokens))
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
            f"--authorization-mode={'RBAC' if users else 'AlwaysAllow'}",
            "--service-account-issuer=https://kubernetes.default",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.96.0.0/16",
            # needs service accounts, which controllers would create
            "--disable-admission-plugins=ServiceAccount",
        ],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for program, options in commands.items():
            with (folder / f"{program}.log").open("wb") as log:
                running.append(
                    subprocess.Popen([str(programs / program), *options], stdout=log, stderr=log)
                )
        url = f"https://127.0.0.1:{port}"
        _wait_until_ready(url, folder / "kube-apiserver.log")
        yield url
    finally:
        for process in reversed(running):
            process.kill()  # their data is not needed any more
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
    """Return an SSL context that accepts the self-signed certificate of the server."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
