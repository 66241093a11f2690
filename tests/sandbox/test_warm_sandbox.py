"""The sandbox that other tests fork from a warm process answers what a real one does."""

from __future__ import annotations

from typing import Any

import pytest
from support import forks

from z2jh_hub import sandbox
from z2jh_hub.config.values import Values

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.mark.parametrize(
    "hub",
    [
        {"config": {"JupyterHub": {"authenticator_class": "dummy"}}},
        {"extraConfig": {"a": "x = 1\nx / 0"}},
        {"extraConfig": {"a": "import os, sys\nsys.exit(len(os.environ['HOME']) and 3)"}},
        {"extraConfig": {"a": "open('/etc/passwd').read()"}},
        {"extraConfig": {"a": "import urllib.request as u\nu.urlopen('http://127.0.0.1:1')"}},
        {"extraConfig": {"a": "import os\nos.fork()"}},
        {"services": {"a": {"url": "ftp://a"}}, "extraEnv": {"A": "b"}},
    ],
)
def test_answers_are_equal(monkeypatch: pytest.MonkeyPatch, hub: dict[str, Any]) -> None:
    values = Values({"hub": hub})
    real = sandbox.run(values, "check", cached=False)
    monkeypatch.setattr(sandbox, "start_child", forks.start_sandbox)
    assert sandbox.run(values, "check", cached=False) == real


@pytest.mark.parametrize("code", ["import os\nos._exit(7)", "while True: pass"])
def test_ends_are_equal(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    values, ends = Values({"hub": {"extraConfig": {"a": code}}}), []
    for start in (sandbox.start_child, forks.start_sandbox):
        monkeypatch.setattr(sandbox, "start_child", start)
        with pytest.raises(sandbox.Stopped) as stopped:
            sandbox.run(values, "check", limit=8, cached=False)
        ends.append((stopped.value.reason, stopped.value.frames[:1]))
    assert ends[0] == ends[1]
