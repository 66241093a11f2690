"""The real kubectl with `python -m z2jh_hub.local`, as an administrator would use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WEB = f"web={sys.executable} -m http.server 8888 --bind 0.0.0.0"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "jupyter-a", "labels": {"app": "x"}},
    "spec": {
        "containers": [{"name": "c", "image": "web", "ports": [{"containerPort": 8888}]}],
        "terminationGracePeriodSeconds": 1,
    },
}
SECONDS = 30
Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if not assets or not Path(assets, "kubectl").exists():
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names a directory with kubectl")
    ready, state = tmp_path / "ready", tmp_path / "state"
    command = [sys.executable, "-m", "z2jh_hub.local", "--state", str(state), "--namespace", "jh"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--ready-file", str(ready), "--image", WEB], stdout=log, stderr=log
        )
    end = time.monotonic() + SECONDS
    while not ready.exists() and time.monotonic() < end and server.poll() is None:
        time.sleep(0.05)
    assert ready.exists(), (tmp_path / "log").read_text()

    def run(*arguments: str, stdin: object = None, fails: bool = False) -> str:
        done = subprocess.run(
            [str(Path(assets, "kubectl")), "--kubeconfig", str(state / "kubeconfig"), *arguments],
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, output
        return output

    yield run
    server.send_signal(signal.SIGTERM)
    server.wait(SECONDS)


def test_a_pods_life_through_kubectl(kubectl):
    assert "created" in kubectl("apply", "-f", "-", stdin=POD)
    assert "unchanged" in kubectl("apply", "-f", "-", stdin=POD)
    assert "condition met" in kubectl("wait", "--for=condition=Ready", "pod/jupyter-a")
    assert "Running" in kubectl("get", "pods,pvc,events", "-A")
    assert "labeled" in kubectl("label", "pod", "jupyter-a", "y=z")
    assert "jupyter-a" in kubectl("get", "pods", "-l", "y=z", "-o", "name")
    described = kubectl("describe", "pod", "jupyter-a")
    assert "Started container c" in described
    assert kubectl("exec", "jupyter-a", "--", "sh", "-c", "echo $((6*7))").strip() == "42"
    assert kubectl("logs", "jupyter-a", "--tail=5") == ""
    assert "deleted" in kubectl("delete", "pod", "jupyter-a")
    assert 'pods "jupyter-a" not found' in kubectl("get", "pod", "jupyter-a", fails=True)


def test_kubectl_create_is_rejected_with_a_hint(kubectl):
    output = kubectl("create", "configmap", "m", "--from-literal=a=b", fails=True)
    assert "kubectl apply -f" in output
    assert "No resources found" in kubectl("get", "configmaps")
