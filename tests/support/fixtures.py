"""Fixtures that start a real `jupyterhub` with the values of a test."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from . import forks
from .clusters import Cluster
from .hubs import Hub, NoRoutes, free_port, serve, write_mounts

CONFIG_FILE = Path(__file__).parents[2] / "images" / "hub" / "jupyterhub_config.py"


@pytest.fixture(scope="session")
def proxy_api() -> Iterator[int]:
    """Return the port of a substitute for the proxy's API."""
    with serve(NoRoutes) as port:
        yield port


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Run an embedded Kubernetes with fake pods."""
    with Cluster(tmp_path / "kubernetes", "--fake", "0.1") as cluster:
        yield cluster


@pytest.fixture
def kubeconfig(cluster: Cluster) -> Path:
    """Return the kubeconfig of an embedded Kubernetes with fake pods."""
    return cluster.kubeconfig


@contextmanager
def run_hub(root: Path, proxy_api: int, values: dict[str, Any], **environ: str) -> Iterator[Hub]:
    """Run a hub in the folder `root`, with values merged over the chart's defaults."""
    port, token = free_port(), "a-token-of-the-tests"
    write_mounts(root / "mounts", values, port, proxy_api, token)
    (root / "work").mkdir(exist_ok=True)
    log = root / "hub.log"
    environment = {
        **os.environ,
        # the hub starts the culler with `python3`, which needs the packages of the tests
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "Z2JH_CONFIG_ROOT": str(root / "mounts"),
        "CONFIGPROXY_AUTH_TOKEN": "x",
        "HUB_SERVICE_PORT": str(port),
        **environ,
    }
    process = forks.start(
        "jupyterhub", "-f", str(CONFIG_FILE), cwd=root / "work", log=log, environ=environment
    )
    hub = Hub(process, port, log, token)
    try:
        hub.wait()
        yield hub
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture
def start_hub(tmp_path: Path, proxy_api: int) -> Callable[..., Any]:
    """Return a context manager that runs a hub with values merged over the chart's defaults."""
    return partial(run_hub, tmp_path, proxy_api)
