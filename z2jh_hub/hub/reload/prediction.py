"""Predict which changed values a hub will reload, without the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from ...config.errors import Path
from ...config.key_paths import key_path
from ...config.values import Values
from .table import chart_restarts, part_of

RESTART_ON_CHANGE = "hub.restartOnChange"


@dataclass
class Prediction:
    """The changed values, by what happens to them.

    reloaded   applied by the running hub
    listed     restart the hub, because `hub.restartOnChange` says so
    used       probably used by the deployment's code when the hub starts
    rest       all others
    restarts   whether the hub restarts itself for values that the code uses
    """

    reloaded: list[Path] = field(default_factory=list)
    listed: list[Path] = field(default_factory=list)
    used: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)
    restarts: bool = True


def predict(old: Values, new: Values) -> Prediction:
    """Predict what a hub that runs with `old` does with `new`."""
    code, prediction = _code(old) + _code(new), Prediction(restarts=restarts_itself(new))
    setting = new.get(RESTART_ON_CHANGE)
    keys = setting if isinstance(setting, list) else ()
    listed = [key_path(key) for key in keys if isinstance(key, str)]
    for path in old.differing(new):
        part = part_of(path)
        if chart_restarts(path):
            prediction.rest.append(path)
        elif any(_overlap(path, key) for key in listed):
            prediction.listed.append(path)
        elif is_named(code, path, part.trait if part else ""):
            prediction.used.append(path)
        elif part:
            prediction.reloaded.append(path)
        else:
            prediction.rest.append(path)
    return prediction


def restarts_itself(values: Values) -> bool:
    """Return whether a hub with these values restarts itself for values that code uses."""
    return values.get(RESTART_ON_CHANGE, True) is True


def _code(values: Values) -> str:
    code = {"config": values.get("hub.extraConfig"), "files": values.get("hub.extraFiles")}
    return json.dumps(code, ensure_ascii=False).replace('\\"', '"')


def _overlap(one: Path, other: Path) -> bool:
    """Return whether one of the two keys is equal to the other, or contains it."""
    return all(a == b for a, b in zip(one, other, strict=False))


def is_named(code: str, path: Path, trait: str) -> bool:
    """Return whether code names the trait, or reads the value at `path` or a parent of it."""
    if trait and re.search(rf"\b{trait}\b", code):
        return True
    for length in range(1, len(path) + 1):
        key = re.escape(".".join(path[:length]))
        if re.search(rf"get_config\( *[\"']{key}[\"']|[\"']{key}\.[\"'{{%]", code):
            return True
    return re.search(rf"[\"']{re.escape('.'.join(path))}[\"'.]", code) is not None
