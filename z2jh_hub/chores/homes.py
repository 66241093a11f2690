"""Whose home is which claim: to read before an upgrade, or when a start cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .kubernetes import Kubernetes

USER = "hub.jupyter.org/username"
SERVER = "hub.jupyter.org/servername"
PAGE = "500"  # claims asked for at once


@dataclass(frozen=True)
class Home:
    """One claim of a user; `server` is empty for the default server's."""

    user: str
    server: str
    claim: str
    capacity: str
    phase: str
    note: str


async def plan(kubernetes: Kubernetes) -> list[Home]:
    """The homes of the namespace, by user. Raises ChoreError."""
    path = f"/api/v1/namespaces/{kubernetes.namespace}/persistentvolumeclaims"
    claims: list[Mapping[str, Any]] = []
    more = ""
    while True:
        page = await kubernetes.get(path, limit=PAGE, **({"continue": more} if more else {}))
        claims += page["items"]
        more = page["metadata"].get("continue") or ""
        if not more:
            return homes(claims)


def homes(claims: Iterable[Mapping[str, Any]]) -> list[Home]:
    """Those of `claims` that say whose they are, with what is odd about one."""
    found = []
    for claim in claims:
        metadata, status = claim["metadata"], claim.get("status") or {}
        annotations = metadata.get("annotations") or {}
        if USER in annotations:
            whose = annotations[USER], annotations.get(SERVER) or ""
            going = "is being deleted" if "deletionTimestamp" in metadata else ""
            capacity = (status.get("capacity") or {}).get("storage") or ""
            phase = status.get("phase") or ""
            found.append((*whose, metadata["name"], capacity, phase, going))
    several = Counter((user, server) for user, server, *_, going in found if not going)
    return [
        Home(user, server, claim, capacity, phase, going or _note(several[user, server]))
        for user, server, claim, capacity, phase, going in sorted(found)
    ]


def _note(number: int) -> str:
    return "one of several: a start asks which" if number > 1 else ""
