"""Fixtures of the cluster tests, which `make cluster-test` prepares and runs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cluster_support import Release
from namespaces import Namespace

WHY = "make cluster-test prepares a cluster for it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing here runs by itself: a cluster with the images is needed."""
    for item in items:
        if "tests/cluster/" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(300))
            if not os.environ.get("Z2JH_CLUSTER_TEST"):
                item.add_marker(pytest.mark.skip(reason=WHY))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say each step with its time; a set-up that took long is a step too."""
    if not os.environ.get("Z2JH_CLUSTER_TEST"):
        return
    name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    if report.when == "call":
        print(f"\n== {name}: {report.outcome}, {report.duration:.1f} s", end="", flush=True)
    elif report.when == "setup" and report.duration > 1:
        print(f"\n== (ready to see whether {name}: {report.duration:.1f} s)", end="", flush=True)


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace for this module's tests."""
    module = request.module.__name__.removeprefix("test_cluster_").replace("_", "-")
    with Namespace(f"z2jh-test-{module}") as namespace:
        yield namespace


@pytest.fixture(scope="module")
def release_name(namespace: Namespace) -> str:
    """Its own: some objects of a release belong to the whole cluster."""
    return namespace.name


@pytest.fixture(scope="module")
def release(namespace: Namespace, release_name: str) -> Iterator[Release]:
    """The chart, not installed yet; what is installed goes at the end."""
    release = Release(namespace, release_name)
    yield release
    release.uninstall()
