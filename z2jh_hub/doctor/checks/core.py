"""The parts of a release, and what it means for users if one of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...config.errors import Severity
from ..snapshot import Object, Snapshot, component_of

HUB, PROXY, AUTOHTTPS, SCHEDULER = "hub", "proxy", "autohttps", "user-scheduler"

# plural: kind
KINDS = {"deployments": "Deployment", "daemonsets": "DaemonSet", "statefulsets": "StatefulSet"}


@dataclass(frozen=True)
class Part:
    """A component: what its failure means, and the keys of its image and its resources."""

    severity: Severity
    consequence: str
    image: str
    resources: str


_PULLER = Part(
    "warning",
    "Images are not pulled in advance, so the first start on a node takes longer.",
    "singleuser.image, prePuller.extraImages or the images of profiles",
    "prePuller.resources",
)

PARTS = {
    HUB: Part(
        "error",
        "Nobody can log in or start a server. Running servers continue to work.",
        "hub.image",
        "hub.resources",
    ),
    PROXY: Part(
        "error",
        "Nobody can reach the hub or a server.",
        "proxy.chp.image",
        "proxy.chp.resources",
    ),
    AUTOHTTPS: Part(
        "error",
        "Nobody can reach the hub: this pod receives all traffic.",
        "proxy.traefik.image",
        "proxy.traefik.resources",
    ),
    SCHEDULER: Part(
        "error",
        "New servers stay pending: no other scheduler places them.",
        "scheduling.userScheduler.image",
        "scheduling.userScheduler.resources",
    ),
    "continuous-image-puller": _PULLER,
    "hook-image-puller": _PULLER,
    "user-placeholder": Part(
        "warning",
        "No room is reserved for new servers.",
        "scheduling.userPlaceholder.image",
        "scheduling.userPlaceholder.resources",
    ),
}


def workloads(snapshot: Snapshot) -> Iterator[tuple[Object, str]]:
    """Yield the workloads of the release's parts, each with the plural name of its kind."""
    for plural in KINDS:
        for workload in snapshot.component(plural, *PARTS):
            yield workload, plural


def pods(snapshot: Snapshot) -> Iterator[tuple[Object, str, Part]]:
    """Yield the pods of the release's parts, each with its component."""
    for pod in snapshot.component("pods", *PARTS):
        component = component_of(pod)
        yield pod, component, PARTS[component]
