"""`hub.speed`: switches of the parts of the hub that a faster equivalent replaces."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from ..key_paths import key_path
from ..keys import BOOLEAN, MAPPING, Key, unknown
from ..values import Values

SPEED = "hub.speed"
VARIABLE = "Z2JH_SPEED_OFF"  # in the environment of the hub: the levers that are off

LEVERS = (
    "activeServers",
    "classes",
    "clientSecrets",
    "commits",
    "cookies",
    "culler",
    "database",
    "eventLoop",
    "garbageCollection",
    "json",
    "names",
    "podChanges",
    "restart",
    "routeActivity",
    "schemaCheck",
    "startup",
    "verifiedTokens",
    "watchClient",
)

KEYS = (Key(SPEED, MAPPING), *(Key(f"{SPEED}.{name}", BOOLEAN) for name in LEVERS))


def problems(values: Values) -> Iterator[Problem]:
    """Report unknown levers."""
    speed = values.get(SPEED)
    if isinstance(speed, dict):
        yield from unknown(values, key_path(SPEED), speed, LEVERS)


def environment(values: Values) -> dict[str, str]:
    """Return the levers that are switched off as a variable."""
    off = [name for name in LEVERS if values.get(f"{SPEED}.{name}") is False]
    return {VARIABLE: ",".join(off)} if off else {}
