"""Compare the version of Kubernetes, and of its nodes, with what the chart and nodes support."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..commands import listed
from ..findings import Finding
from ..snapshot import Snapshot, name_of, status_of

Version = tuple[int, int]

# `kubeVersion` of the chart
OLDEST: Version = (1, 28)
# minor versions that a kubelet may be older than the API server
# (https://kubernetes.io/releases/version-skew-policy/)
SKEW = 3


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    text = str(snapshot.version.get("gitVersion") or "")
    version = parse(text)
    if version is None:
        return
    if version < OLDEST:
        yield Finding(
            "kubernetes-too-old",
            "error",
            "Cluster",
            f"Kubernetes {text} is older than {OLDEST[0]}.{OLDEST[1]}, the oldest version that the "
            "chart supports",
            "Helm refuses to install or upgrade the release.",
            f"Upgrade the cluster to Kubernetes {OLDEST[0]}.{OLDEST[1]} or later.",
        )
    yield from _nodes(snapshot, version, text)


def parse(text: str) -> Version | None:
    """Return the major and minor number of a version such as `v1.34.1-gke.100`."""
    match = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def _nodes(snapshot: Snapshot, version: Version, text: str) -> Iterator[Finding]:
    kubelets = {
        name_of(node): str((status_of(node).get("nodeInfo") or {}).get("kubeletVersion") or "")
        for node in snapshot.of("nodes")
    }
    unsupported = [
        f"{name}: {kubelet}"
        for name, kubelet in kubelets.items()
        if (minor := parse(kubelet)) and not (version[0], version[1] - SKEW) <= minor <= version
    ]
    if unsupported:
        yield Finding(
            "node-version",
            "warning",
            "Node",
            f"Kubernetes {text} does not support the version of {len(unsupported)} node(s)",
            "Pods on these nodes may not start, or miss features.",
            "Upgrade these nodes to the version of the control plane.",
            (listed(unsupported),),
        )
