"""Public names that lead to stand-ins of login providers, and a Kubernetes for the hubs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.clusters import Cluster
from support.fixtures import proxy_api, start_hub
from support.logins import answers, providers
from support.logins.browser import HUB
from support.logins.internet import Internet

__all__ = ["proxy_api", "start_hub"]


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Internet:
    """Return public names with a certificate."""
    internet = Internet(tmp_path_factory.mktemp("internet"))
    internet.issue([HUB, "kc.example.org", *answers.HOSTS])
    return internet


@pytest.fixture(scope="module")
def sites(internet: Internet) -> Iterator[providers.Providers]:
    """Serve the sites of all providers."""
    with providers.serve(internet) as sites:
        yield sites


@pytest.fixture(scope="module")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an embedded Kubernetes with fake pods; return the path of its kubeconfig."""
    with Cluster(tmp_path_factory.mktemp("kubernetes") / "state", "--fake", "0.1") as cluster:
        yield str(cluster.kubeconfig)
