"""The values that a running hub can reload, and the part of the hub that each changes.

The chart restarts the hub for every other value. `tools/chart_tables.py` writes the keys for its
templates.
"""

from __future__ import annotations

from ...config.errors import Path
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


def part_of(path: Path) -> Part | None:
    """Return the part that the value at `path` changes; None if it needs a restart."""
    return next((part for part in PARTS if part.is_of(path)), None)
