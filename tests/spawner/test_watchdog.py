"""A hub sees its pods, or says that it does not."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.servers import begin, lost, ready, uids

from z2jh_hub.spawner import Z2JHKubeSpawner, api_outages
from z2jh_hub.spawner.reflectors import STALE, RestartableReflector, restartable


class Plain:
    """As much of KubeSpawner's reflector as a watch asks for."""

    kind, timeout_seconds = "tests", 10
    watch_task: Any = None
    refused: Exception | None = None
    lists = 0

    def __init__(self) -> None:
        self.first_load_future = SimpleNamespace(done=lambda: True)

    async def _list_and_update(self) -> str:
        self.lists += 1
        await asyncio.sleep(0)
        if self.refused:
            raise self.refused
        return "41"

    async def start(self) -> None:
        await self._list_and_update()
        self.watch_task = SimpleNamespace(done=lambda: False)

    async def stop(self) -> None:
        self.watch_task = None


def watch(**given: Any) -> Any:
    made = restartable(Plain)()
    vars(made).update(given)
    return made


def task(*, ended: bool) -> Any:
    return SimpleNamespace(done=lambda: ended)


@pytest.mark.parametrize(
    ("given", "after", "still"),
    [
        ({"first_load_future": task(ended=False)}, 0, False),
        ({}, 0, True),  # its first list failed: there was never a watch
        ({"watch_task": task(ended=True)}, 0, True),
        ({"watch_task": task(ended=False)}, STALE, False),
        ({"watch_task": task(ended=False)}, STALE + 11, True),
    ],
    ids=["begins", "never began", "ended", "runs", "stuck"],
)
def test_a_watch_that_stands_still_is_noticed(given: Any, after: float, still: bool) -> None:
    made = watch(**given)
    assert made.is_stale(made.listed + after) is still


async def test_a_list_is_noted() -> None:
    made = watch(listed=0.0)
    assert await made._list_and_update() == "41"
    assert made.listed > 0
    assert restartable(Plain) is restartable(Plain)
    assert restartable(Plain).__name__ == "Plain"


async def test_those_who_ask_at_once_share_one_try() -> None:
    made: RestartableReflector = watch()
    await asyncio.gather(*(made.restart() for _ in range(50)))
    assert made.lists == 1
    assert not made.is_stale(made.listed)


async def test_a_try_that_failed_is_the_answer_for_a_moment() -> None:
    made: RestartableReflector = watch(refused=TimeoutError("no answer"))
    for _ in range(50):
        with pytest.raises(TimeoutError, match="no answer"):
            await made.restart()
    assert made.lists == 1
    made._restart_call.seconds, made.refused = 0.0, None
    await made.restart()
    assert made.lists == 2


class Slow:
    """A reflector as KubeSpawner makes it, whose first list takes until `seen` is set."""

    def __init__(self, known: asyncio.Event, **_: Any) -> None:
        self.seen = known
        self.first_load_future: asyncio.Future[None] = asyncio.Future()

    async def start(self) -> None:
        await self.seen.wait()
        self.first_load_future.set_result(None)


@pytest.mark.parametrize("given_up", [0, 1], ids=["who asked first", "who waits too"])
async def test_a_start_that_is_given_up_takes_the_watch_from_nobody(
    monkeypatch: pytest.MonkeyPatch, spawner: Any, given_up: int
) -> None:
    monkeypatch.setattr(Z2JHKubeSpawner, "reflectors", {})
    monkeypatch.setattr(api_outages, "restartable", lambda reflector_class: reflector_class)
    known, server = asyncio.Event(), spawner("ada")
    starts = [
        asyncio.create_task(server._start_reflector("pods", partial(Slow, known), replace=False))
        for _ in range(2)
    ]
    await asyncio.sleep(0.05)
    starts[given_up].cancel()
    await asyncio.sleep(0.05)
    known.set()
    assert isinstance(await starts[1 - given_up], Slow)


# a quick watchdog; and a hand that ends watches while the file `end` is there
QUICK = """
from pathlib import Path
from z2jh_hub.spawner import reflectors
from z2jh_hub.hub.jobs import background, watchdog

watchdog.EVERY, watchdog.BLIND = 0.2, 2.0
reflectors.RESTART = 0.1

async def end(hub):
    if Path("end").exists():
        for reflector in reflectors.reflectors():
            if reflector.watch_task:
                reflector.watch_task.cancel()

background.start(background.Job("end watches", 0.1, end))
"""


def requested(hub: Hub, path: str) -> int:
    """The status of the hub's answer."""
    try:
        with urllib.request.urlopen(hub.url + path, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def metric(hub: Hub, name: str) -> float:
    with urllib.request.urlopen(f"{hub.url}metrics", timeout=10) as answer:
        result = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.M)
    assert result, name
    return float(result[1])


def test_a_watch_that_ended_is_begun_again_though_nobody_starts_a_server(
    start_hub: Any, cluster: Cluster, tmp_path: Path
) -> None:
    values = {"hub": {"extraConfig": {"quick": QUICK}, "authenticatePrometheus": False}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert requested(hub, "health?ready") == 200
        begin(hub, ["ada"])
        pods = uids(cluster)
        assert metric(hub, 'z2jh_watches_begun_again_total{kind="pods"}') == 0
        cluster.fault("refuse", verb="list", resource="pods")
        end = tmp_path / "work" / "end"
        end.touch()

        wait_until(lambda: requested(hub, "health?ready") == 503, hub.process, hub.log)
        assert requested(hub, "health") == 200
        assert hub.api("users/ada")[0] == 200
        assert metric(hub, 'z2jh_watch_age_seconds{kind="pods"}') > 2
        wait_until(lambda: "The hub is not ready" in hub.log.read_text(), hub.process, hub.log)

        end.unlink()
        cluster.heal()
        wait_until(lambda: requested(hub, "health?ready") == 200, hub.process, hub.log)
        assert metric(hub, 'z2jh_watches_begun_again_total{kind="pods"}') >= 1
        assert metric(hub, 'z2jh_watch_age_seconds{kind="pods"}') < 15
        assert ready(hub) == {"ada"}
    assert lost(pods, cluster) == 0
