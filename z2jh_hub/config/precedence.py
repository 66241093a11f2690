"""Let administrators' settings of `Spawner` override the chart's settings of `KubeSpawner`.

The chart configures `KubeSpawner`, a subclass of `Spawner`, and in traitlets the subclass takes
precedence. Here, the administrator's setting overrides the chart's; of two settings of the
administrator, the one of the more specific class applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .errors import MISSING

if TYPE_CHECKING:
    from traitlets.config import Config

    from .values import Values

GENERAL, SPECIFIC = "Spawner", "KubeSpawner"


class ChartSettings:
    """The content of `c` before the administrator's code changes it."""

    def __init__(self, values: Values, c: Config):
        own = values.get(f"hub.config.{SPECIFIC}")
        self._own = own if isinstance(own, dict) else {}
        self._general = dict(c[GENERAL])
        self._specific = dict(c[SPECIFIC])
        self._before = deepcopy((self._general, self._specific))

    def give_way(self, c: Config) -> None:
        """Apply the code's settings of `Spawner` that it did not set for `KubeSpawner`."""
        for trait in list(self._overridden(c)):
            value, present = c[GENERAL][trait], c[SPECIFIC][trait]
            if hasattr(value, "get_value"):  # c.Spawner.volumes.append(…)
                if isinstance(present, dict) and "update" not in value.to_dict():
                    present = list(present.values())  # KubeSpawner accepts both
                value = value.get_value(present)
            elif isinstance(value, dict) and isinstance(present, dict):
                value = {**value, **self._added(trait, present)}
            c[GENERAL][trait] = c[SPECIFIC][trait] = value

    def _overridden(self, c: Config) -> Iterator[str]:
        general_before, _ = self._before
        for trait, value in c[GENERAL].items():
            unchanged = value is self._general.get(trait, MISSING)
            if unchanged and value == general_before.get(trait):
                continue
            present = c[SPECIFIC].get(trait, MISSING)
            if trait in self._own or present is value:
                continue
            if present is self._specific.get(trait, None) and self._is_unchanged(trait, present):
                yield trait

    def _is_unchanged(self, trait: str, present: Any) -> bool:
        """Whether the code did not change the setting. Entries added to a mapping do not count."""
        return isinstance(present, dict) or present == self._before[1][trait]

    def _added(self, trait: str, present: dict[str, Any]) -> dict[str, Any]:
        """Return the entries that the code added to the mapping of `KubeSpawner`."""
        _, before = self._before
        return {k: v for k, v in present.items() if before[trait].get(k, MISSING) != v}
