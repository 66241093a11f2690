"""Wait for images, as far as Kubernetes reports them."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from support.command import Z2JH

from z2jh_hub.chores import ChoreError, images
from z2jh_hub.chores.kubernetes import Kubernetes

NAME = "hook-image-puller"
POLL = 0.05


def path(kubernetes: Kubernetes) -> str:
    return f"/apis/apps/v1/namespaces/{kubernetes.namespace}/daemonsets"


async def make(kubernetes: Kubernetes, **status: int) -> None:
    labels = {"component": NAME}
    container = {"name": "pause", "image": "pause"}
    body = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": NAME},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    await kubernetes.create(path(kubernetes), body)
    await count(kubernetes, **status)


async def count(kubernetes: Kubernetes, **status: int) -> None:
    """Set the status that the DaemonSet controller would set."""
    daemon_set = await kubernetes.get(f"{path(kubernetes)}/{NAME}")
    counts = {"currentNumberScheduled": 0, "numberMisscheduled": 0, **status}
    if status:
        counts = {"observedGeneration": daemon_set["metadata"].get("generation", 1), **counts}
    counts.setdefault("desiredNumberScheduled", 0)
    counts.setdefault("numberReady", 0)
    await kubernetes.replace(f"{path(kubernetes)}/{NAME}/status", {**daemon_set, "status": counts})


async def event(kubernetes: Kubernetes, pod: str, reason: str, kind: str, message: str) -> None:
    namespace = kubernetes.namespace
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{pod}.{reason.lower()}", "namespace": namespace},
        "involvedObject": {"kind": "Pod", "name": pod, "namespace": namespace},
        "reason": reason,
        "type": kind,
        "message": message,
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 1,
    }
    await kubernetes.create(f"/api/v1/namespaces/{namespace}/events", body)


async def wait(kubernetes: Kubernetes, messages: list[str] | None = None, **times: float) -> Any:
    reported = messages if messages is not None else []
    times = {"timeout": 20, "scheduling": 10, **times}
    return await images.wait(
        kubernetes, NAME, report=lambda progress: reported.append(str(progress)), poll=POLL, **times
    )


async def test_waits_until_all_nodes_are_ready(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=2, numberReady=1)
    messages: list[str] = []
    waiting = asyncio.ensure_future(wait(kubernetes, messages))
    while not messages:
        await asyncio.sleep(POLL)
    assert not waiting.done()
    await count(kubernetes, desiredNumberScheduled=2, numberReady=2)
    assert (await waiting).ready == 2
    assert messages == ["1 of 2 nodes have the images", "2 of 2 nodes have the images"]


async def test_waits_until_the_nodes_are_counted(kubernetes: Kubernetes) -> None:
    """The status of a new DaemonSet counts no nodes, which does not mean that all are ready."""
    await make(kubernetes)
    with pytest.raises(ChoreError, match="has not counted the nodes yet"):
        await wait(kubernetes, timeout=0.2)


async def test_cluster_without_nodes_is_done_at_once(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=0)
    assert (await wait(kubernetes)).ready == 0


async def test_failed_pull_is_reported_after_the_timeout(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=1)
    await event(kubernetes, f"{NAME}-x1", "Failed", "Warning", "Failed to pull image no/such:1")
    await event(kubernetes, "jupyter-ada", "Failed", "Warning", "of another pod")
    with pytest.raises(ChoreError, match=r"0 of 1(?s:.)*-x1: Failed to pull image no/such:1$"):
        await wait(kubernetes, timeout=0.2)


async def test_unschedulable_pods_are_ignored_after_a_while(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=3, numberReady=1)
    for pod in ("full", "late"):
        await event(kubernetes, f"{NAME}-{pod}", "FailedScheduling", "Warning", "no room")
    await event(kubernetes, f"{NAME}-late", "Scheduled", "Normal", "assigned")
    with pytest.raises(ChoreError, match="1 of 3"):
        await wait(kubernetes, scheduling=-1, timeout=0.2)
    # the pod that was scheduled later still counts
    with pytest.raises(ChoreError, match="1 of 2"):
        await wait(kubernetes, scheduling=0, timeout=0.2)
    await count(kubernetes, desiredNumberScheduled=3, numberReady=2)
    assert (await wait(kubernetes, scheduling=0)).ready == 2


async def test_missing_daemon_set_is_an_error(kubernetes: Kubernetes) -> None:
    with pytest.raises(ChoreError, match="404 NotFound"):
        await wait(kubernetes)


async def test_signal_stops_the_wait_with_exit_code_143(
    kubernetes: Kubernetes, kubeconfig_file: Path
) -> None:
    await make(kubernetes, desiredNumberScheduled=1)
    command = ["images", "await", "--daemonset", NAME]
    process = await asyncio.create_subprocess_exec(
        Z2JH, *command, env={**os.environ, "KUBECONFIG": str(kubeconfig_file)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert await process.stdout.readline() == b"0 of 1 nodes have the images\n"
    process.send_signal(signal.SIGTERM)
    _, reported = await process.communicate()
    # an exit code of 0 would let Helm continue
    assert process.returncode == 143
    assert b"stopped by a signal" in reported
    assert b"Traceback" not in reported


async def test_unchanged_images_are_recognized_by_their_checksum(kubernetes: Kubernetes) -> None:
    assert not await images.unchanged(kubernetes, "hub", "abc")
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "hub"},
        "data": {images.CHECKSUM_KEY: "abc"},
    }
    await kubernetes.create(f"/api/v1/namespaces/{kubernetes.namespace}/configmaps", config_map)
    assert await images.unchanged(kubernetes, "hub", "abc")
    assert not await images.unchanged(kubernetes, "hub", "abd")
