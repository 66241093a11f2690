"""Which changed values a running hub takes over, and which of those a snippet keeps from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from .. import configure
from ..errors import Path
from ..reload.table import part_of
from ..values import Values
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
    code = _code(old) + _code(new)
    taken: list[Path] = []
    used: list[Path] = []
    for path in old.differing(new):
        part = part_of(path)
        if part:
            (used if _is_named(code, path, part.trait) else taken).append(path)
    before, _ = configure.plain(old)
    after, _ = configure.plain(old.replaced(taken, new))
    return Reloads(
        [".".join(path) for path in taken],
        [".".join(path) for path in used],
        {change.path for change in changes(before, after)},
    )


def _code(values: Values) -> str:
    given = {"config": values.get("hub.extraConfig"), "files": values.get("hub.extraFiles")}
    return json.dumps(given, ensure_ascii=False).replace('\\"', '"')


def _is_named(code: str, path: Path, trait: str) -> bool:
    """The rule of the chart's `jupyterhub.hub.isNamed`, by which it restarts the hub."""
    if trait and re.search(rf"\b{trait}\b", code):
        return True
    for length in range(1, len(path) + 1):
        key = re.escape(".".join(path[:length]))
        if re.search(rf"get_config\( *[\"']{key}[\"']|[\"']{key}\.[\"'{{%]", code):
            return True
    return re.search(rf"[\"']{re.escape('.'.join(path))}[\"'.]", code) is not None
