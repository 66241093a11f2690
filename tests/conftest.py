"""What holds for every test."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from support import forks, processes

from z2jh_hub import sandbox

FASTER = Path(__file__).parent / "support" / "faster"
# fixtures that start something once for a session, or once for a module
SHARED = {"dev", "real_url"}
SHARED_IN_MODULE = {"browser"}
# folders whose tests follow a person through a whole session
SLOW = {"browser", "dev"}
# of 2,000 tests with real processes, one or two meet a busy machine; the run lists those (RERUN)
ONCE_MORE = pytest.mark.flaky(reruns=1)


def pytest_configure(config: pytest.Config) -> None:
    """Let an interrupt end what tests start, as it does from a terminal.

    A shell's background jobs ignore it, and so does all that they start: JupyterHub waits 30
    seconds for a culler that does.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _start_python_faster()
    if config.option.markexpr and "not processes" in config.option.markexpr:
        config.pluginmanager.register(processes.Guard())


def _start_python_faster() -> None:
    """Use `support/faster` here and in every process that a test starts."""
    paths = [str(FASTER), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, its fixtures and its module."""
    for item in items:
        if item.path.parent.name in ("browser", "cluster"):
            item.add_marker(item.path.parent.name)
        if item.path.parent.name in SLOW:
            item.add_marker("slow")
        if processes.is_started_by(item):
            item.add_marker("processes")
            item.add_marker(ONCE_MORE)
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def sandbox_starts_warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the sandbox from a process that has imported JupyterHub, but not in its own tests."""
    if request.path.parent.name != "sandbox" and hasattr(os, "pidfd_open"):
        monkeypatch.setattr(sandbox, "start_child", forks.start_sandbox)


def _group(item: pytest.Item) -> str | None:
    """Return the tests that one worker runs together, as they share something costly.

    The others wait for their own processes more than they compute, so any worker takes them.
    """
    fixtures = set(getattr(item, "fixturenames", ()))
    if shared := fixtures & SHARED:
        return min(shared)
    if item.get_closest_marker("processes") and not fixtures & SHARED_IN_MODULE:
        return None
    return item.path.as_posix()
