"""Which changed values a running hub takes over, and which traits those change."""

from __future__ import annotations

from dataclasses import dataclass

from ...config import configuration
from ...config.errors import Path
from ...config.values import Values
from ...hub.reload.prediction import predict
from .trees import changes


@dataclass(frozen=True)
class Reloads:
    """`taken` are the values that take effect without a restart, `traits` what they change.

    `used` are values that would, but that code of the deployment uses.
    """

    taken: list[str]
    used: list[str]
    traits: set[Path]


def of(old: Values, new: Values) -> Reloads:
    """What a hub that runs with `old` takes over of `new`."""
    prediction = predict(old, new)
    before, _ = configuration.plain(old)
    after, _ = configuration.plain(old.replaced(prediction.reloaded, new))
    return Reloads(
        [".".join(path) for path in prediction.reloaded],
        [".".join(path) for path in prediction.used],
        {change.path for change in changes(before, after)},
    )
