"""`hub.config.Spawner.*` that overrides what the chart sets for KubeSpawner."""

from __future__ import annotations

from collections.abc import Iterator

from ...config import configuration
from ...config.errors import Problem
from ...config.values import Values
from .. import queries

GENERAL, SPECIFIC = "Spawner", "KubeSpawner"


def findings(values: Values) -> Iterator[Problem]:
    """A warning for each trait that has a key of its own in the chart, where both are set."""
    traits = queries.mapping(values, f"hub.config.{GENERAL}")
    for section in configuration.sections():
        for key in getattr(section, "KEYS", ()):
            class_name, _, trait = key.trait.partition(".")
            if class_name != SPECIFIC or trait not in traits or isinstance(traits[trait], dict):
                continue
            if values.has(key.path) and values.get(key.path) != traits[trait]:
                yield values.problem(
                    ("hub", "config", GENERAL, trait),
                    f"overrides {SPECIFIC}.{trait}, which the chart sets from {key.path}",
                    expected=f"{key.path} alone",
                    hint=f"set {key.path} instead",
                    severity="warning",
                    rule="general-class",
                )
