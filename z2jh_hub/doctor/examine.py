"""Examine a release on the cluster of this pod or of the kubeconfig."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from ..chores.cluster import find_cluster
from ..chores.kubernetes import Kubernetes
from .checks import examine
from .facts import facts
from .findings import Report, ranked
from .gather import gather
from .releases import find_release
from .snapshot import Snapshot

# the chart sets it in the hub's pod, whose account may not look for the release
RELEASE = "HELM_RELEASE_NAME"


async def examine_release(
    namespace: str | None = None,
    release: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Report, Snapshot]:
    """Return the report on a release, and what it is based on.

    Default: the only release in the namespace of this pod or of the kubeconfig's context. Raises
    ChoreError if the cluster does not answer, or if the release is missing or ambiguous.
    """
    cluster = find_cluster(environ)
    if namespace:
        cluster = replace(cluster, namespace=namespace)
    async with Kubernetes(cluster) as kubernetes:
        name = await find_release(kubernetes, release, None if namespace else environ.get(RELEASE))
        snapshot, unread = await gather(kubernetes, name)
    return replace(report_on(snapshot), unread=unread), snapshot


def report_on(snapshot: Snapshot) -> Report:
    """Return the report on a snapshot."""
    return Report(snapshot.namespace, snapshot.release, facts(snapshot), ranked(examine(snapshot)))
