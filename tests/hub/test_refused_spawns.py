"""Refused spawns of one user never restart the hub for all others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REFUSING_HOOK = """
from tornado import web

def refuse(spawner):
    raise web.HTTPError(403, "not today")

c.Spawner.pre_spawn_hook = refuse
"""


def test_hub_survives_more_refusals_of_a_hook_than_the_limit(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    values = {"hub": {"consecutiveFailureLimit": 5, "extraConfig": {"refuse": REFUSING_HOOK}}}
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        answers = [hub.api("users/ada/server", "POST") for _ in range(8)]
        assert [status for status, _ in answers] == [403] * 8
        assert "not today" in answers[0][1]["message"]
        # the hub waits for 2 seconds before it exits
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            assert hub.process.poll() is None
            time.sleep(0.2)
        assert hub.api("users/ada")[0] == 200
