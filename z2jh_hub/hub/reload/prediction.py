"""Predict which changed values a hub will reload, without the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from ...config.errors import Path
from ...config.key_paths import key_path
from ...config.values import Values
from .table import part_of


@dataclass
class Prediction:
    """The changed values, by what happens to them.

    reloaded   applied by the running hub
    listed     restart the hub, because `hub.restartOnChange` says so
    used       probably read by the deployment's code, so applied when the hub next starts
    rest       all others
    """

    reloaded: list[Path] = field(default_factory=list)
    listed: list[Path] = field(default_factory=list)
    used: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)


def predict(old: Values, new: Values) -> Prediction:
    """Predict what a hub that runs with `old` does with `new`."""
    code, prediction = _code(old) + _code(new), Prediction()
    listed = [key_path(key) for key in new.get("hub.restartOnChange") or () if isinstance(key, str)]
    for path in old.differing(new):
        part = part_of(path)
        if part is None:
            prediction.rest.append(path)
        elif any(_overlap(path, key) for key in listed):
            prediction.listed.append(path)
        elif is_named(code, path, part.trait):
            prediction.used.append(path)
        else:
            prediction.reloaded.append(path)
    return prediction


def _code(values: Values) -> str:
    code = {"config": values.get("hub.extraConfig"), "files": values.get("hub.extraFiles")}
    return json.dumps(code, ensure_ascii=False).replace('\\"', '"')


def _overlap(one: Path, other: Path) -> bool:
    """Whether one of the two keys is, or is in, the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def is_named(code: str, path: Path, trait: str) -> bool:
    """Whether code names the trait, or reads the value at `path` or a mapping that contains it."""
    if trait and re.search(rf"\b{trait}\b", code):
        return True
    for length in range(1, len(path) + 1):
        key = re.escape(".".join(path[:length]))
        if re.search(rf"get_config\( *[\"']{key}[\"']|[\"']{key}\.[\"'{{%]", code):
            return True
    return re.search(rf"[\"']{re.escape('.'.join(path))}[\"'.]", code) is not None
