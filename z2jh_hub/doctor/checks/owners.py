"""Report user pods that nobody owns, and homes of users who were deleted.

Only annotations that the hub writes count: nothing is derived from names.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...config.ownership import DELETED, USER, owner_of, release_of
from ..causes import is_over
from ..commands import listed
from ..findings import Finding
from ..snapshot import Snapshot, name_of


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    pods = [
        name_of(pod)
        for pod in snapshot.user_pods()
        if not owner_of(pod["metadata"]) and not is_over(pod)
    ]
    if pods:
        yield Finding(
            "pod-without-owner",
            "note",
            f"Pod/{pods[0]}",
            f"{len(pods)} pod(s) of user servers name no user in the annotation {USER}",
            "Another release or an old version of the hub may have created them; this hub does "
            "not stop them.",
            "Ask who uses them before you delete any.",
            (f"pods: {listed(pods)}",),
        )
    claims = [
        name_of(claim)
        for claim in snapshot.of("claims")
        if DELETED in (claim["metadata"].get("annotations") or {})
        and release_of(claim["metadata"]) in ("", snapshot.release)
    ]
    if claims:
        yield Finding(
            "home-of-deleted-user",
            "note",
            f"PersistentVolumeClaim/{claims[0]}",
            f"{len(claims)} home(s) belong to users who were deleted",
            "They use storage. A new user of the same name cannot start a server.",
            "List them with z2jh homes plan. Assign each of them, or back it up and delete it.",
            (f"claims: {listed(claims)}",),
        )
