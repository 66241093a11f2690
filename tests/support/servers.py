"""Start the servers of many users, and count those that are lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .clusters import Cluster
from .hubs import Hub, wait_until


def request(hub: Hub, users: Iterable[str]) -> None:
    """Request a server for each user; create users that do not exist."""
    for user in users:
        hub.api(f"users/{user}", "POST")
        status, answer = hub.api(f"users/{user}/server", "POST")
        assert status in (201, 202), answer


def begin(hub: Hub, users: Iterable[str], seconds: float = 60) -> None:
    """Start a server for each user, and wait until all of them are ready."""
    users = set(users)
    request(hub, sorted(users))
    wait_until(lambda: ready(hub) >= users, hub.process, hub.log, seconds)


def ready(hub: Hub) -> set[str]:
    """Return the users whose server is ready, according to the hub."""
    return {user["name"] for user in hub.api("users")[1] if _is_ready(user)}


def _is_ready(user: Any) -> bool:
    return bool(user["servers"].get("", {}).get("ready"))


def uids(cluster: Cluster) -> dict[str, str]:
    """Return the uid of each pod by name; a pod that was replaced has a new uid."""
    pods = cluster.get("pods")["items"]
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods}


def lost(before: dict[str, str], cluster: Cluster) -> int:
    """Print and return the number of pods in `before` that no longer exist."""
    now = uids(cluster)
    count = sum(now.get(name) != uid for name, uid in before.items())
    print(f"servers lost: {count} of {len(before)}")
    return count
