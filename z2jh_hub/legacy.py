"""Keys of the 2018 guide, read as today's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import Path, Problem


@dataclass(frozen=True)
class Modernised:
    """Values under today's keys.

    `moved` tells for each of today's keys that an old one gave where it stood;
    `problems` (their keys are the old ones) what is to be said of it.
    """

    data: dict[str, Any]
    moved: dict[Path, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def modernise(data: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> Modernised:
    """`data` with every key of 2018 replaced by what it means today.

    `given` is what the administrator's files alone hold, where they are at hand;
    without it, given means different from the chart's default.
    """
    return Modernised(dict(data))
