"""Waiting for images: what Kubernetes counts, decides."""

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
    """Be the DaemonSets' controller."""
    there = await kubernetes.get(f"{path(kubernetes)}/{NAME}")
    counts = {"currentNumberScheduled": 0, "numberMisscheduled": 0, **status}
    if status:
        counts = {"observedGeneration": there["metadata"].get("generation", 1), **counts}
    counts.setdefault("desiredNumberScheduled", 0)
    counts.setdefault("numberReady", 0)
    await kubernetes.replace(f"{path(kubernetes)}/{NAME}/status", {**there, "status": counts})


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


async def wait(kubernetes: Kubernetes, told: list[str] | None = None, **times: float) -> Any:
    said = told if told is not None else []
    times = {"timeout": 20, "scheduling": 10, **times}
    return await images.wait(
        kubernetes, NAME, tell=lambda progress: said.append(str(progress)), poll=POLL, **times
    )


async def test_it_waits_until_all_nodes_are_ready(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=2, numberReady=1)
    told: list[str] = []
    waiting = asyncio.ensure_future(wait(kubernetes, told))
    while not told:
        await asyncio.sleep(POLL)
    assert not waiting.done()
    await count(kubernetes, desiredNumberScheduled=2, numberReady=2)
    assert (await waiting).ready == 2
    assert told == ["1 of 2 nodes have the images", "2 of 2 nodes have the images"]


async def test_nodes_have_to_be_counted_first(kubernetes: Kubernetes) -> None:
    """A DaemonSet that its controller has not seen counts no node; that is not all of them."""
    await make(kubernetes)
    with pytest.raises(ChoreError, match="not counted yet"):
        await wait(kubernetes, timeout=0.2)


async def test_a_cluster_without_nodes_is_not_waited_for(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=0)
    assert (await wait(kubernetes)).ready == 0


async def test_a_pull_that_fails_is_told_when_the_time_is_over(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=1)
    await event(kubernetes, f"{NAME}-x1", "Failed", "Warning", "Failed to pull image no/such:1")
    await event(kubernetes, "jupyter-ada", "Failed", "Warning", "of another pod")
    with pytest.raises(ChoreError, match=r"0 of 1(?s:.)*-x1: Failed to pull image no/such:1$"):
        await wait(kubernetes, timeout=0.2)


async def test_pods_that_fit_nowhere_are_waited_for_a_while(kubernetes: Kubernetes) -> None:
    await make(kubernetes, desiredNumberScheduled=3, numberReady=1)
    for pod in ("full", "late"):
        await event(kubernetes, f"{NAME}-{pod}", "FailedScheduling", "Warning", "no room")
    await event(kubernetes, f"{NAME}-late", "Scheduled", "Normal", "assigned")
    with pytest.raises(ChoreError, match="1 of 3"):
        await wait(kubernetes, scheduling=-1, timeout=0.2)
    # the one that was scheduled after all still counts
    with pytest.raises(ChoreError, match="1 of 2"):
        await wait(kubernetes, scheduling=0, timeout=0.2)
    await count(kubernetes, desiredNumberScheduled=3, numberReady=2)
    assert (await wait(kubernetes, scheduling=0)).ready == 2


async def test_without_the_daemon_set_it_fails(kubernetes: Kubernetes) -> None:
    with pytest.raises(ChoreError, match="404 NotFound"):
        await wait(kubernetes)


async def test_it_ends_when_it_is_told_to(kubernetes: Kubernetes, kubeconfig_file: Path) -> None:
    await make(kubernetes, desiredNumberScheduled=1)
    command = ["images", "await", "--daemonset", NAME]
    process = await asyncio.create_subprocess_exec(
        Z2JH, *command, env={**os.environ, "KUBECONFIG": str(kubeconfig_file)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert await process.stdout.readline() == b"0 of 1 nodes have the images\n"
    process.send_signal(signal.SIGTERM)
    _, said = await process.communicate()
    # not a success: Helm would go on
    assert process.returncode == 143
    assert b"stopped by a signal" in said
    assert b"Traceback" not in said


async def test_images_of_the_last_release_are_known(kubernetes: Kubernetes) -> None:
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
