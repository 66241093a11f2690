"""What a reflector has in memory, by pod, and how a start learns of changes."""

from __future__ import annotations

import asyncio
import random
import time
from types import SimpleNamespace
from typing import Any

import pytest
from kubespawner import KubeSpawner
from kubespawner.spawner import EventReflector

from z2jh_hub.spawner.reflectors import LIST_AGAIN, RestartableReflector
from z2jh_hub.spawner.watched import Waiters, Watched, since

PODS = ("a", "b", "c")


def event(number: int, pod: str, at: int, precise: bool) -> dict[str, Any]:
    stamp = f"2026-01-01T00:00:{at:02}Z"
    return {
        "metadata": {"uid": f"uid-{number}", "namespace": "default", "name": f"event-{number}"},
        "involvedObject": {"name": pod},
        "lastTimestamp": None if precise else stamp,
        "eventTime": stamp if precise else None,
    }


@pytest.mark.parametrize("seed", range(10))
def test_events_of_a_pod_are_those_that_kubespawner_selects(seed: int) -> None:
    chance = random.Random(seed)
    watched = Watched({}, Waiters())
    for number in range(60):
        key = f"default/event-{chance.randrange(20)}"
        if chance.random() < 0.2:
            watched.pop(key, None)
        else:
            pod = PODS[int(key.rpartition("-")[2]) % 3]
            watched[key] = event(number, pod, chance.randrange(60), chance.random() < 0.5)
    reflector = SimpleNamespace(resources=watched)
    everything = EventReflector.events.fget(reflector)
    uids = [each["metadata"]["uid"] for each in everything]
    for pod in PODS:
        for last in (None, *uids):
            spawner: Any = SimpleNamespace(
                event_reflector=SimpleNamespace(events=everything), pod_name=pod, _last_event=last
            )
            expected = KubeSpawner.events.fget(spawner)
            assert since(watched.events_of(pod), last) == expected
    relisted = Watched(dict(watched), Waiters())
    assert all(relisted.events_of(pod) == watched.events_of(pod) for pod in PODS)


async def test_a_change_wakes_those_who_wait_for_this_object() -> None:
    waiters = Waiters()
    watched = Watched({}, waiters)
    first, second = (asyncio.create_task(waiters.wait(f"n/{name}", 30)) for name in "ab")
    await asyncio.sleep(0)
    watched["n/a"] = {"metadata": {}}
    await asyncio.wait_for(first, 5)
    assert not second.done()
    watched.pop("n/b", None)
    await asyncio.wait_for(second, 5)
    third = asyncio.create_task(waiters.wait("n/c", 30))
    await asyncio.sleep(0)
    Watched({}, waiters)  # a complete list
    await asyncio.wait_for(third, 5)
    await waiters.wait("n/d", 0.01)
    assert waiters._futures == {}


class Reflector(RestartableReflector):
    """A reflector that counts its complete lists."""

    kind = "events"

    def __init__(self) -> None:
        self.lists = 0
        self.resources: dict[str, Any] = {}
        self.waiters = Waiters()
        self.listed = time.monotonic()


class Listing:
    async def _list_and_update(self, resource_version: Any = None) -> str:
        self.lists += 1  # type: ignore[attr-defined]
        self.resources: dict[str, Any] = {}
        return "7"


async def test_a_watch_goes_on_where_it_ended_without_a_list() -> None:
    reflector = type("R", (Reflector, Listing), {})()
    assert await reflector._list_and_update() == "7"
    assert await reflector._list_and_update("8") == "8"
    assert reflector.lists == 1
    assert await reflector._list_and_update("0") == "7"  # KubeSpawner's, after an error
    assert reflector.lists == 2
    reflector.listed -= LIST_AGAIN
    assert await reflector._list_and_update("8") == "7"
    assert reflector.lists == 3
