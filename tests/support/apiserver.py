"""A real kube-apiserver without controllers, on an etcd of its own.

`KUBEBUILDER_ASSETS` names the directory of etcd and kube-apiserver (the convention of Kubernetes'
envtest); without it the tests that need one are skipped.
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

from .hubs import free_port

TOKEN = "conformance"
READY_SECONDS = 90


def assets() -> Path:
    """The directory of the real programs; skips the test where none is named."""
    named = os.environ.get("KUBEBUILDER_ASSETS")
    if not named:
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names a directory with kube-apiserver, etcd")
    return Path(named)


@contextmanager
def api_server(folder: Path, users: dict[str, str] | None = None) -> Iterator[str]:
    """Its URL, while it runs. It lets `TOKEN` do everything; `folder` holds its data and logs.

    With `users` ({token: name}) they may do what roles let them; without, everybody everything.
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
            # what it would ask for is made by controllers, and there are none
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
