"""Spawners without a hub, and a real hub on an embedded Kubernetes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.fixtures import cluster, kubeconfig, proxy_api, start_hub
from support.kubeconfigs import NOWHERE
from support.proxies import Proxy
from traitlets.config import Config

from z2jh_hub.spawner import Z2JHKubeSpawner

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """Run the real proxy; a module that overrides `proxy_api` has its hubs use it."""
    with Proxy(tmp_path / "proxy.log") as proxy:
        yield proxy


class Person:
    """As much of a JupyterHub user as a spawner asks for."""

    id = 1
    url = "/user/ada/"
    escaped_name = "ada"

    def __init__(self, name: str, groups: tuple[str, ...]):
        self.name = name
        self.groups = [SimpleNamespace(name=group) for group in groups]
        self.spawners: dict[str, Any] = {}


@pytest.fixture
def spawner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Z2JHKubeSpawner]:
    """`spawner("ada", "staff", profile_list=[…], quotas={…}, options={…})`: Ada, in that group."""

    (tmp_path / "kubeconfig").write_text(NOWHERE)
    place = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
    monkeypatch.setattr(place, str(tmp_path / "kubeconfig"))

    def make(name: str, *groups: str, options: Any = None, **traits: Any) -> Z2JHKubeSpawner:
        config = Config({"KubeSpawner": traits})
        made = Z2JHKubeSpawner(config=config, user=Person(name, groups), _mock=True)
        made.user_options = options or {}
        return made

    return make
