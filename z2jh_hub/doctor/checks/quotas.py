"""Report resource quotas that have no room left."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.quantities import parse
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, spec_of, status_of

# what a pod or a home uses of a quota
RESOURCES = frozenset(
    f"{prefix}{name}" for name in ("cpu", "memory", "storage", "ephemeral-storage")
    for prefix in ("", "requests.", "limits.")
) | {"pods", "count/pods", "persistentvolumeclaims", "count/persistentvolumeclaims"}  # fmt: skip


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for quota in snapshot.of("quotas"):
        if evidence := tuple(exhausted(quota)):
            yield Finding(
                "quota-exhausted",
                "error",
                f"ResourceQuota/{name_of(quota)}",
                "the quota of the namespace is used up",
                "Kubernetes refuses further servers or homes.",
                "Raise the quota, or cull idle servers sooner (cull.timeout): "
                + kubectl(snapshot, "describe", "resourcequota", name_of(quota)),
                evidence,
            )


def exhausted(quota: Object) -> Iterator[str]:
    """Yield `RESOURCE: USED of HARD` for each resource that is used up."""
    status = status_of(quota)
    hard = status.get("hard") or spec_of(quota).get("hard") or {}
    used = status.get("used") or {}
    for name, text in hard.items():
        limit, amount = parse(text), parse(used.get(name) or "0")
        if name in RESOURCES and limit is not None and amount is not None and amount >= limit:
            yield f"{name}: {used.get(name) or 0} of {text}"
