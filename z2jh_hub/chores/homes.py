"""List and decide which PVC belongs to which user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..config.ownership import ASSIGNED, DELETED, RELEASED, SERVER, USER, owner_of, release_of
from . import ChoreError
from .kubernetes import Kubernetes


@dataclass(frozen=True)
class Home:
    """A claim that belongs to a user; `server` is empty for the default server."""

    user: str
    server: str
    claim: str
    capacity: str
    phase: str
    release: str
    note: str


async def plan(kubernetes: Kubernetes) -> list[Home]:
    """Return the homes in the namespace, by user. Raises ChoreError."""
    return homes(await _claims(kubernetes))


async def assign(kubernetes: Kubernetes, claim: str, user: str, server: str = "") -> str:
    """Make a claim the home of a user's server. Returns what changed. Raises ChoreError."""
    existing = await _claim(kubernetes, claim)
    before = owner_of(existing["metadata"])
    await _annotate(kubernetes, claim, {USER: user, SERVER: server or None} | _decided(ASSIGNED))
    after = f"{claim}: assigned to {user!r}" + (f", server {server!r}" if server else "")
    return after + (f" (before: {before})" if before else "")


async def assign_release(kubernetes: Kubernetes, release: str) -> list[str]:
    """Confirm the owners of all claims that another release created. Raises ChoreError."""
    confirmed = []
    for claim in await _claims(kubernetes):
        metadata = claim["metadata"]
        deleted = DELETED in (metadata.get("annotations") or {})
        if (owner := owner_of(metadata)) and release_of(metadata) == release and not deleted:
            confirmed.append(await assign(kubernetes, metadata["name"], owner.user, owner.server))
    if not confirmed:
        raise ChoreError(f"no claim of the release {release!r} names a user")
    return confirmed


async def release(kubernetes: Kubernetes, claim: str) -> str:
    """Set a claim aside, so that no server uses it. Returns what changed. Raises ChoreError."""
    await _claim(kubernetes, claim)
    await _annotate(kubernetes, claim, _decided(RELEASED))
    return f"{claim}: released; no server uses it until it is assigned"


def _decided(decision: str) -> dict[str, str | None]:
    """Return the annotations that record a decision and remove the previous one."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {**dict.fromkeys((ASSIGNED, RELEASED, DELETED)), decision: now}


async def _annotate(
    kubernetes: Kubernetes, claim: str, annotations: Mapping[str, str | None]
) -> None:
    await kubernetes.patch(
        f"{_path(kubernetes)}/{claim}", {"metadata": {"annotations": annotations}}
    )


async def _claim(kubernetes: Kubernetes, name: str) -> Mapping[str, Any]:
    claim = await kubernetes.find(f"{_path(kubernetes)}/{name}")
    if claim is None:
        hint = "`z2jh homes plan` lists the claims that are homes"
        raise ChoreError(f"no claim {name!r} in the namespace {kubernetes.namespace}; {hint}")
    return claim


async def _claims(kubernetes: Kubernetes) -> Sequence[Mapping[str, Any]]:
    return await kubernetes.items(_path(kubernetes))


def _path(kubernetes: Kubernetes) -> str:
    return f"/api/v1/namespaces/{kubernetes.namespace}/persistentvolumeclaims"


def homes(claims: Iterable[Mapping[str, Any]]) -> list[Home]:
    """Return the claims with an owner, each with a note on why it may be unusable."""
    rows = []
    for claim in claims:
        metadata, status = claim["metadata"], claim.get("status") or {}
        if owner := owner_of(metadata):
            capacity = (status.get("capacity") or {}).get("storage") or ""
            phase = status.get("phase") or ""
            row = (metadata["name"], capacity, phase, release_of(metadata), _state(metadata))
            rows.append((owner.user, owner.server, *row))
    usable = Counter(row[:2] for row in rows if not row[-1])
    return [Home(*row[:-1], note=row[-1] or _note(usable[row[:2]])) for row in sorted(rows)]


def _state(metadata: Mapping[str, Any]) -> str:
    """Return why a claim is not usable as a home, or an empty text."""
    annotations = metadata.get("annotations") or {}
    if "deletionTimestamp" in metadata:
        return "is being deleted"
    if DELETED in annotations:
        return f"user deleted at {annotations[DELETED]}: assign or release it"
    return f"released at {annotations[RELEASED]}" if RELEASED in annotations else ""


def _note(number: int) -> str:
    return "one of several: assign one, release the others" if number > 1 else ""
