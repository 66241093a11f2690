"""The settings that a pod is made from, each of which can be left out of a start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from traitlets.config import Config

from ..play import Part, Play


@dataclass(frozen=True)
class Unit:
    """A trait, or one entry of its mapping or list.

    `owner` is the section of the configuration, (class,), or a part of a profile.
    """

    owner: Part
    trait: str
    entry: Any = None
    of_profile: bool = False

    def covers(self, other: Unit) -> bool:
        """Whether `other` is this trait or an entry of it."""
        same = (self.owner, self.trait, self.of_profile) == (
            other.owner, other.trait, other.of_profile,
        )  # fmt: skip
        return same and self.entry in (None, other.entry)


@dataclass(frozen=True)
class Edit:
    """Which settings a start gets: all but `drop`, and if `only` is set, of these units alone.

    `only_traits` and `only_overrides` limit those of the configuration and those of profiles.
    A trait that is left out has its value in `chart`, if that is given. `hooks` is whether the
    administrator's hooks run.
    """

    drop: frozenset[Unit] = frozenset()
    only_traits: frozenset[Unit] | None = None
    only_overrides: frozenset[Unit] | None = None
    hooks: bool = True
    chart: Config | None = field(default=None, compare=False, hash=False)

    def config(self, config: Config, sections: list[str]) -> Config:
        """Return the configuration with these settings."""
        if not self.drop and self.only_traits is None:
            return config
        edited = Config(config)
        for name in sections:
            if name not in config:
                continue
            section, chart = Config(), self.chart[name] if self.chart is not None else Config()
            for trait, value in config[name].items():
                units = self.only_traits
                value, present = _kept(Unit((name,), trait), value, self.drop, units)
                if present:
                    dict.__setitem__(section, trait, value)
            for trait, value in chart.items():
                if trait not in section:
                    dict.__setitem__(section, trait, value)
            dict.__setitem__(edited, name, section)
        return edited

    def override(self, part: Part, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the override of a part of a profile with these settings."""
        result = {}
        for trait, value in overrides.items():
            unit = Unit(part, trait, of_profile=True)
            value, present = _kept(unit, value, self.drop, self.only_overrides)
            if present:
                result[trait] = value
        return result


def _kept(
    unit: Unit, value: Any, drop: frozenset[Unit], only: frozenset[Unit] | None
) -> tuple[Any, bool]:
    """Return what remains of a trait's value, and whether anything does."""
    if unit in drop or (only is not None and not any(unit.covers(other) for other in only)):
        return None, False
    dropped = {other.entry for other in drop if unit.covers(other)}
    remaining = {other.entry for other in only or () if unit.covers(other)}
    if None in remaining:
        remaining = set()
    if not dropped and not remaining:
        return value, True

    def stays(entry: Any) -> bool:
        return entry not in dropped and (not remaining or entry in remaining)

    if isinstance(value, dict):
        return {key: item for key, item in value.items() if stays(key)}, True
    if isinstance(value, list):
        return [item for index, item in enumerate(value) if stays(index)], True
    return value, True


def entries(unit: Unit, value: Any) -> Iterator[Unit]:
    """Yield the entries of a trait's mapping or list as units."""
    keys = (
        list(value)
        if isinstance(value, dict)
        else range(len(value) if isinstance(value, list) else 0)
    )
    for key in keys:
        yield Unit(unit.owner, unit.trait, key, unit.of_profile)


def of_config(config: Config, sections: list[str]) -> dict[Unit, Any]:
    """Return the traits that the configuration sets for the spawner, with their values."""
    return {
        Unit((name,), trait): value
        for name in sections
        if name in config
        for trait, value in config[name].items()
    }


def of_profile(play: Play) -> dict[Unit, Any]:
    """Return the traits that the chosen profile sets, with their values."""
    return {
        Unit(part, trait, of_profile=True): value
        for part, overrides in play.applied
        for trait, value in overrides.items()
    }
