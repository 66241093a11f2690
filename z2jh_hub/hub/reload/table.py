"""The values that a running hub can reload, and the part of the hub that each changes.

The chart restarts the hub for every other value that the hub reads. `tools/chart_tables.py` writes
the keys for its templates.
"""

from __future__ import annotations

from ...config.errors import Path
from ...config.key_paths import key_path
from ...config.sections.hub_rescue import KEYS as RESCUE
from . import culler, logins, pages, spawners
from .parts import Part

PARTS: tuple[Part, ...] = (
    spawners.PROFILES,
    spawners.of_spawners("quotas", "hub.quotas"),
    spawners.of_spawners("failures", "hub.failures"),
    *(spawners.of_spawners(key.trait.split(".")[1], key.path) for key in RESCUE if key.trait),
    spawners.of_spawners("rescue_image", "hub.rescue.image.name", "hub.rescue.image.tag"),
    *logins.PARTS,
    pages.VARIABLES,
    pages.FOLDERS,
    pages.FILES,
    culler.CULLER,
)

# values that only the chart's templates read
TEMPLATES_ONLY = (
    "httpRoute",
    "ingress",
    "prePuller",
    "rbac",
    "hub.deploymentStrategy",
    "hub.networkPolicy",
    "hub.pdb",
    "hub.restartOnChange",
    "hub.revisionHistoryLimit",
    "hub.service",
    "hub.serviceAccount",
    "proxy.annotations",
    "proxy.chp",
    "proxy.deploymentStrategy",
    "proxy.https",
    "proxy.labels",
    "proxy.networkPolicy",
    "proxy.secretSync",
    "proxy.service",
    "proxy.traefik",
    "scheduling.corePods",
    "scheduling.podPriority",
    "scheduling.userPlaceholder",
    "scheduling.userScheduler",
    "singleuser.networkPolicy",
)
# values below these that the hub reads as well
READ_BY_HUB = (
    "rbac.hub.readNodes",
    "scheduling.podPriority.enabled",
    "scheduling.userScheduler.enabled",
)


def part_of(path: Path) -> Part | None:
    """Return the part that the value at `path` changes; None if it needs a restart."""
    return next((part for part in PARTS if part.is_of(path)), None)


def chart_restarts(path: Path) -> bool:
    """Return whether the chart replaces the hub's pod if the value at `path` changes."""
    if part_of(path) is not None:
        return False
    return _is_below(path, READ_BY_HUB) or not _is_below(path, TEMPLATES_ONLY)


def _is_below(path: Path, keys: tuple[str, ...]) -> bool:
    return any(path[: len(key)] == key for key in map(key_path, keys))
