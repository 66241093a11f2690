"""Values in, `Config` out: what sections set for values merged over the chart's defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.fixtures import cluster, kubeconfig, proxy_api, start_hub
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.config.errors import Problem
from z2jh_hub.config.values import Values

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]


@pytest.fixture(scope="session")
def defaults() -> dict[str, Any]:
    """The chart's default values."""
    return sources.parse(chart_files.read("values.yaml"), "values.yaml").data


@pytest.fixture
def values(defaults: dict[str, Any]) -> Callable[..., Values]:
    """`values("cull: {timeout: 5}", …)`: YAML over the defaults, and other arguments of Values."""

    def make(text: str = "{}", **others: Any) -> Values:
        explicit = yaml.safe_load(text)
        return Values(sources.merge_as_helm(defaults, explicit), given=explicit, **others)

    return make


@pytest.fixture
def config(values: Callable[..., Values], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """`config("cull: {timeout: 5}")`: the hub's Config for these values."""

    def make(text: str = "{}", **others: Any) -> Config:
        c = Config()
        monkeypatch.setattr("os.environ", {})
        configure.build(values(text, **others), c)
        return c

    return make


@pytest.fixture
def problems(values: Callable[..., Values]) -> Callable[..., dict[str, Problem]]:
    """`problems("cull: {timeout: -5}")`: the problems of these values by key."""

    def find(text: str, **others: Any) -> dict[str, Problem]:
        return {p.key: p for p in configure.problems(values(text, **others))}

    return find


@pytest.fixture
def mounts(tmp_path: Path, defaults: dict[str, Any]) -> Callable[..., Path]:
    """`mounts("cull: {timeout: 5}", {"secret/KEY": "…"})`: the mounts of a hub's container."""

    def write(text: str = "{}", files: dict[str, str] | None = None) -> Path:
        data = sources.merge_as_helm(defaults, yaml.safe_load(text))
        for name, content in {
            "secret/values.yaml": yaml.safe_dump(data), **(files or {})
        }.items():  # fmt: skip
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return tmp_path

    return write
