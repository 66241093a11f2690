"""Background jobs of a hub."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from z2jh_hub.hub.jobs import background

JOBS = """
from pathlib import Path
from z2jh_hub.hub.jobs import background

async def once_more(hub):
    with Path("steps").open("a") as steps:
        steps.write(f"{len(hub.users)}\\n")
    raise ValueError("this job always fails")

background.start(background.Job("test", 0.1, once_more))
"""


def steps(place: Path) -> list[str]:
    return place.read_text().split() if place.exists() else []


def test_failed_job_is_retried_while_the_hub_responds(
    start_hub: Callable[..., Any], tmp_path: Path
) -> None:
    with start_hub({"hub": {"extraConfig": {"jobs": JOBS}}}) as hub:
        deadline = time.monotonic() + 10
        while len(steps(tmp_path / "work" / "steps")) < 3:
            assert time.monotonic() < deadline, hub.log.read_text()
            time.sleep(0.1)
        assert hub.api("users")[0] == 200
    log = hub.log.read_text()
    assert "this job always fails" in log
    assert "was destroyed but it is pending" not in log


def test_job_does_not_run_without_a_hub(tmp_path: Path) -> None:
    config = tmp_path / "config.py"
    config.write_text(JOBS)
    upgrade = [sys.executable, "-m", "jupyterhub", "upgrade-db", "-f", str(config)]
    subprocess.run(upgrade, cwd=tmp_path, check=True, capture_output=True)
    assert not steps(tmp_path / "steps")


def test_job_does_not_start_without_an_event_loop() -> None:
    async def step(hub: object) -> None:
        raise AssertionError

    background.start(background.Job("test", 0.1, step))
    assert not background._running
