"""Fixtures of the cluster tests, which `make cluster-test` runs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cluster_support import Release
from namespaces import Namespace

WHY = "needs a cluster, which make cluster-test prepares"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests unless `make cluster-test` runs them."""
    for item in items:
        if "tests/cluster/" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(300))
            if not os.environ.get("Z2JH_CLUSTER_TEST"):
                item.add_marker(pytest.mark.skip(reason=WHY))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print each test with its duration, and each fixture that takes more than a second."""
    if not os.environ.get("Z2JH_CLUSTER_TEST"):
        return
    name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    if report.when == "call":
        print(f"\n== {name}: {report.outcome}, {report.duration:.1f} s", end="", flush=True)
    elif report.when == "setup" and report.duration > 1:
        print(f"\n== (set-up of {name}: {report.duration:.1f} s)", end="", flush=True)


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """Create a namespace for the tests of a module."""
    module = request.module.__name__.removeprefix("test_cluster_").replace("_", "-")
    with Namespace(f"z2jh-test-{module}") as namespace:
        yield namespace


@pytest.fixture(scope="module")
def release_name(namespace: Namespace) -> str:
    """Return a unique release name, because some objects of a release are cluster-wide."""
    return namespace.name


@pytest.fixture(scope="module")
def release(namespace: Namespace, release_name: str) -> Iterator[Release]:
    """Return a release that is not installed yet; uninstall it at the end."""
    release = Release(namespace, release_name)
    yield release
    release.uninstall()
