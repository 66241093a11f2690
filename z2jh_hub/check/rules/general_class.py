"""Report traits of `hub.config.Spawner` that override a key of the chart."""

from __future__ import annotations

from collections.abc import Iterator

from ...config import configuration
from ...config.errors import Problem
from ...config.values import Values
from .. import queries

GENERAL, SPECIFIC = "Spawner", "KubeSpawner"


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each trait of Spawner whose key in the chart is set, too."""
    traits = queries.mapping(values, f"hub.config.{GENERAL}")
    for section in configuration.sections():
        for key in getattr(section, "KEYS", ()):
            class_name, _, trait = key.trait.partition(".")
            if class_name != SPECIFIC or trait not in traits or isinstance(traits[trait], dict):
                continue
            if values.has(key.path) and values.get(key.path) != traits[trait]:
                yield values.problem(
                    ("hub", "config", GENERAL, trait),
                    f"overrides {key.path}, which sets {SPECIFIC}.{trait}",
                    expected=f"only {key.path}",
                    hint=f"set {key.path} instead",
                    severity="warning",
                    rule="general-class",
                )
