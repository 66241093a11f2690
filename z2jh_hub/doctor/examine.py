"""Examine a release on the cluster of this pod or of the kubeconfig."""

from __future__ import annotations

from dataclasses import replace

from ..chores.cluster import find_cluster
from ..chores.kubernetes import Kubernetes
from .checks import examine
from .facts import facts
from .findings import Report, ranked
from .gather import gather
from .releases import find_release
from .snapshot import Snapshot


async def examine_release(namespace: str | None = None, release: str | None = None) -> Report:
    """Return the report on a release.

    Default: the only release in the namespace of this pod or of the kubeconfig's context. Raises
    ChoreError if the cluster does not answer, or if the release is missing or ambiguous.
    """
    cluster = find_cluster()
    if namespace:
        cluster = replace(cluster, namespace=namespace)
    async with Kubernetes(cluster) as kubernetes:
        name = await find_release(kubernetes, release)
        snapshot, unread = await gather(kubernetes, name)
    return replace(report_on(snapshot), unread=unread)


def report_on(snapshot: Snapshot) -> Report:
    """Return the report on a snapshot."""
    return Report(snapshot.namespace, snapshot.release, facts(snapshot), ranked(examine(snapshot)))
