"""Kubelets for tests; all pods are stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from kubelet_support import Cluster


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Cluster]]:
    """Create clusters (a second one with the same state directory is a restart)."""
    clusters: list[Cluster] = []

    def make(**options: Any) -> Cluster:
        clusters.append(Cluster(tmp_path / "state", **options))
        return clusters[-1]

    yield make
    for each in clusters:
        await each.close()


@pytest.fixture
async def cluster(start: Callable[..., Cluster]) -> Cluster:
    return start()
