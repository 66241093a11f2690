"""Predict which changed values a hub will reload, without the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from ...config.errors import Path
from ...config.values import Values
from .table import part_of


@dataclass
class Prediction:
    """The changed values, by what happens to them.

    reloaded   applied by the running hub
    used       read by the deployment's code, so that the chart restarts the hub
    rest       all others
    """

    reloaded: list[Path] = field(default_factory=list)
    used: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)


def predict(old: Values, new: Values) -> Prediction:
    """Predict what a hub that runs with `old` does with `new`."""
    code, prediction = _code(old) + _code(new), Prediction()
    for path in old.differing(new):
        part = part_of(path)
        if part is None:
            prediction.rest.append(path)
        elif _is_named(code, path, part.trait):
            prediction.used.append(path)
        else:
            prediction.reloaded.append(path)
    return prediction


def _code(values: Values) -> str:
    code = {"config": values.get("hub.extraConfig"), "files": values.get("hub.extraFiles")}
    return json.dumps(code, ensure_ascii=False).replace('\\"', '"')


def _is_named(code: str, path: Path, trait: str) -> bool:
    """Apply the rule of the chart's `jupyterhub.hub.isNamed`, which restarts the hub."""
    if trait and re.search(rf"\b{trait}\b", code):
        return True
    for length in range(1, len(path) + 1):
        key = re.escape(".".join(path[:length]))
        if re.search(rf"get_config\( *[\"']{key}[\"']|[\"']{key}\.[\"'{{%]", code):
            return True
    return re.search(rf"[\"']{re.escape('.'.join(path))}[\"'.]", code) is not None
