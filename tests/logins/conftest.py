"""Public names that lead to stand-ins of login providers, and a Kubernetes for the hubs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.fixtures import proxy_api, run_hub, start_hub
from support.hubs import Hub
from support.logins import answers, openid, providers
from support.logins.browser import HUB, Browser, Page
from support.logins.internet import Internet

__all__ = ["proxy_api", "start_hub"]


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Internet:
    """Return public names with a certificate."""
    internet = Internet(tmp_path_factory.mktemp("internet"))
    internet.issue([HUB, openid.HOST, *answers.HOSTS])
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


@pytest.fixture(scope="module")
def openid_provider(
    tmp_path_factory: pytest.TempPathFactory, internet: Internet
) -> Iterator[openid.OpenIdProvider]:
    """Run a real OpenID provider."""
    with openid.OpenIdProvider(tmp_path_factory.mktemp("openid"), internet) as provider:
        yield provider


@pytest.fixture
def provider(openid_provider: openid.OpenIdProvider) -> openid.OpenIdProvider:
    """Return the OpenID provider, where everyone has the groups of `openid.PEOPLE`."""
    openid_provider.set_groups()
    return openid_provider


@pytest.fixture(scope="module")
def start(
    tmp_path_factory: pytest.TempPathFactory, proxy_api: int, internet: Internet, kubernetes: str,
    openid_provider: openid.OpenIdProvider,
) -> Callable[..., AbstractContextManager[Hub]]:  # fmt: skip
    """Return a context manager that runs a hub, which reaches the OpenID provider."""

    @contextmanager
    def started(
        values: dict[str, Any], folder: Path | None = None, **environment: str
    ) -> Iterator[Hub]:
        root = folder or tmp_path_factory.mktemp("hub")
        internet.connect_hub(root / "mounts")
        with run_hub(root, proxy_api, values, KUBECONFIG=kubernetes, **environment) as hub:
            yield hub

    return started


@pytest.fixture
def log_in(
    internet: Internet, provider: openid.OpenIdProvider
) -> Callable[[Hub, str], tuple[Browser, Page]]:
    """Return a function that logs in at the provider, and consents to what the hub asks."""

    def log_in(hub: Hub, name: str) -> tuple[Browser, Page]:
        browser = Browser.of(hub, internet)
        page = browser.log_in()
        while "/interaction/" in page.url:
            page = browser.submit(page, login=name, password="any")
        return browser, page

    return log_in
