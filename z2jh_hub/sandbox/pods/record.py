"""What a survey has reported, and what it may still try."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from traitlets.config import Config

from ...masking import Mask
from .. import load_config
from ..play import Play, Stage
from .causes import Trials
from .units import Edit, Unit

# seconds of the processor, after which no more servers are started
BUDGET = 2.5
# symptoms whose cause is looked for by trials
MOST_CAUSES = 12


class Record:
    """The findings, and the settings that starts leave out because they fail with them."""

    def __init__(self, loaded: load_config.Loaded):
        self.found = loaded
        self.findings: list[dict[str, Any]] = []
        self.mask = Mask(loaded.values.get(()))
        self.stage = Stage(loaded.config)
        self.edit = Edit()
        self._reported: set[Any] = set()
        self._causes = 0
        self._until = time.process_time() + BUDGET

    @property
    def has_time(self) -> bool:
        """Whether more servers may be started."""
        return time.process_time() < self._until

    def may_try(self) -> bool:
        """Count a search for a cause; return whether it may be made."""
        self._causes += 1
        return self.has_time and self._causes <= MOST_CAUSES

    def trials(self, play: Play, chart: Config | None = None) -> Trials:
        """Return trials with the settings that are not left out."""
        return Trials(self.stage, play, self.edit, chart)

    def is_first(self, key: Any) -> bool:
        """Return whether this key is new, and note it."""
        new = key not in self._reported
        self._reported.add(key)
        return new

    def cause(self, unit: Unit, inside: tuple[Any, ...]) -> dict[str, Any]:
        """Describe a setting, or the part of it at `inside`, as the cause of a finding."""
        steps = [*([unit.entry] if unit.entry is not None and not inside else []), *inside]
        if unit.of_profile:
            slug, *option = unit.owner
            at = [*(["profile_options", *option] if option else []), "kubespawner_override"]
            return {"kind": "profile", "slug": slug, "steps": [*at, unit.trait, *steps]}
        place = self.found.places.get((unit.owner[0], unit.trait))
        return {"kind": "trait", "class": unit.owner[0], "trait": unit.trait, "inside": steps,
                "place": place}  # fmt: skip

    def add(self, play: Play, key: Any, finding: Mapping[str, Any]) -> None:
        """Report a finding, unless one with the same key was reported."""
        if not self.is_first(key):
            return
        request = {k: v for k, v in play.request.items() if v}
        finding = {**finding, "request": request}
        value = finding.pop("value", None)
        if isinstance(value, (dict, list)):
            finding["value"] = type(value)()  # only the kind matters, and the content may be secret
        elif not self._is_secret(finding["cause"], value):
            finding["value"] = value
        self.findings.append(finding)

    def _is_secret(self, cause: Mapping[str, Any], value: Any) -> bool:
        path = [str(step) for step in cause.get("steps") or cause.get("inside") or ()]
        return bool(self.mask.value(path, value) != value)
