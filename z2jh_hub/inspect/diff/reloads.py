"""Determine which changed values a running hub reloads, and which traits they change."""

from __future__ import annotations

from dataclasses import dataclass

from ...config import configuration
from ...config.errors import Path
from ...config.values import Values
from ...hub.reload.prediction import predict
from .trees import changes


@dataclass(frozen=True)
class Reloads:
    """The changed values that a hub reloads without a restart, and the `traits` that they set.

    `listed` are values that `hub.restartOnChange` names; `used` are values that code of the
    deployment seems to use, and `restarts` is whether the hub restarts itself for them.
    """

    reloaded: list[str]
    listed: list[str]
    used: list[str]
    traits: set[Path]
    restarts: bool


def of(old: Values, new: Values) -> Reloads:
    """Return what a hub that runs with `old` reloads from `new`."""
    prediction = predict(old, new)
    before, _ = configuration.plain(old)
    after, _ = configuration.plain(old.replaced(prediction.reloaded, new))
    return Reloads(
        [".".join(path) for path in prediction.reloaded],
        [".".join(path) for path in prediction.listed],
        [".".join(path) for path in prediction.used],
        {change.path for change in changes(before, after)},
        prediction.restarts,
    )
