"""The `processes` mark: set by what a test uses, and enforced by `make test-fast`.

`make test-fast` leaves the marked tests out, and fails an unmarked test that starts a process.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

STARTERS = ("apiserver", "clusters", "command", "databases", "dev", "forks", "proxies")
# a test in these folders, with these fixtures, or in a module that uses these starts processes
FOLDERS = {"browser", "cluster", "conformance", "dev", "kubelet"}
FIXTURES = {"cluster", "kubeconfig", "mariadb", "postgres", "real_url", "server_url", "start_hub"}
MODULES = {"subprocess", *(f"support.{name}" for name in STARTERS)}

# `check` asks git whether it tracks a file; importing pamela looks for its library
SHORT = {"git", "/sbin/ldconfig"}


def is_started_by(item: pytest.Item) -> bool:
    """Return whether the folder, the fixtures or the module of a test start processes."""
    return (
        item.path.parent.name in FOLDERS
        or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not MODULES.isdisjoint(_used_by(item))
    )


def _used_by(item: pytest.Item) -> Iterator[str]:
    """Yield the names of the modules that a test's module imports or imports from."""
    for value in vars(getattr(item, "module", object)).values():
        yield value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")


class Guard:
    """A plugin that fails a test without the mark as soon as it starts a process."""

    def __init__(self) -> None:
        self._item: pytest.Item | None = None
        start = subprocess.Popen.__init__

        def checked(popen: Any, args: Any, *others: Any, **options: Any) -> None:
            marked = self._item is None or self._item.get_closest_marker("processes")
            if not marked and args[0] not in SHORT:
                pytest.fail(f"{args!r} is started: mark the test or its module `processes`")
            start(popen, args, *others, **options)

        subprocess.Popen.__init__ = checked  # type: ignore[method-assign]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._item = item
        try:
            return (yield)
        finally:
            self._item = None
