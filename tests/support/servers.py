"""Servers of a hub's users: started, counted, and who lost theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .clusters import Cluster
from .hubs import Hub, wait_until


def request(hub: Hub, users: Iterable[str]) -> None:
    """Ask for a server for each of these users, who may be new."""
    for user in users:
        hub.api(f"users/{user}", "POST")
        status, said = hub.api(f"users/{user}/server", "POST")
        assert status in (201, 202), said


def begin(hub: Hub, users: Iterable[str], seconds: float = 60) -> None:
    """Start a server for each of these users, and wait until they all run."""
    users = set(users)
    request(hub, sorted(users))
    wait_until(lambda: ready(hub) >= users, hub.process, hub.log, seconds)


def ready(hub: Hub) -> set[str]:
    """The users whose server runs and answers, as the hub knows it."""
    return {user["name"] for user in hub.api("users")[1] if _is_ready(user)}


def _is_ready(user: Any) -> bool:
    return bool(user["servers"].get("", {}).get("ready"))


def uids(cluster: Cluster) -> dict[str, str]:
    """The pods that there are, by name: each is another one once it was lost."""
    pods = cluster.get("pods")["items"]
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods}


def lost(before: dict[str, str], cluster: Cluster) -> int:
    """How many of the pods of before are no more; printed."""
    now = uids(cluster)
    count = sum(now.get(name) != uid for name, uid in before.items())
    print(f"servers lost: {count} of {len(before)}")
    return count
