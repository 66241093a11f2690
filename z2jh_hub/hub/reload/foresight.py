"""What a hub will take over of changed values, as far as that can be told without the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from ...config.errors import Path
from ...config.key_paths import key_path
from ...config.values import Values
from .table import part_of


@dataclass
class Foreseen:
    """Changed values: `taken` over by a running hub; `listed` in `hub.restartOnChange`; `used` by
    code of the deployment, as far as a search shows, which keeps them from it; and the `rest`."""

    taken: list[Path] = field(default_factory=list)
    listed: list[Path] = field(default_factory=list)
    used: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)


def foresee(old: Values, new: Values) -> Foreseen:
    """What a hub that runs with `old` will take over of `new`."""
    code, found = _code(old) + _code(new), Foreseen()
    listed = [key_path(key) for key in new.get("hub.restartOnChange") or () if isinstance(key, str)]
    for path in old.differing(new):
        part = part_of(path)
        if part is None:
            found.rest.append(path)
        elif any(_overlap(path, key) for key in listed):
            found.listed.append(path)
        elif is_named(code, path, part.trait):
            found.used.append(path)
        else:
            found.taken.append(path)
    return found


def _code(values: Values) -> str:
    given = {"config": values.get("hub.extraConfig"), "files": values.get("hub.extraFiles")}
    return json.dumps(given, ensure_ascii=False).replace('\\"', '"')


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
