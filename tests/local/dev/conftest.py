"""One `z2jh dev` that most tests share, and others that a test starts; all are stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.dev import VALUES, Dev, merged, z2jh

PROFILES = [
    {"display_name": "Small", "slug": "small", "default": True},
    {
        "display_name": "Large",
        "slug": "large",
        "kubespawner_override": {"environment": {"PROFILE": "large"}, "mem_limit": "2G"},
    },
]


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A hub with profiles, named servers, a home for each user, and a slow culler."""
    values = merged(VALUES, {"singleuser": {"profileList": PROFILES}, "cull": {"enabled": True}})
    running = Dev(tmp_path_factory.mktemp("dev"), values)
    try:
        yield running.ready()
    finally:
        running.end()


@pytest.fixture
def run_dev(tmp_path: Path) -> Iterator[Callable[..., Dev]]:
    """Start a `z2jh dev` in the test's directory; a second one has the state of the first."""
    started: list[Dev] = []

    def make(over: dict[str, Any] | None = None, *arguments: str, **options: Any) -> Dev:
        started.append(Dev(tmp_path, merged(VALUES, over or {}), *arguments, **options))
        return started[-1]

    yield make
    for each in started:
        each.end()
    z2jh("dev", "stop", "--state", tmp_path / "state")
