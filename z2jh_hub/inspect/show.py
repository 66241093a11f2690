"""List the effective values, or the traits that they set, with the place that set each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import sandbox
from ..check import code
from ..config import configuration
from ..config.errors import ConfigError, Path
from ..config.suggestions import did_you_mean
from ..config.unknown_keys import FROM_THE_CHART
from ..config.values import Values
from ..masking import Mask, name_of

CHART = "the chart"


class NotShown(Exception):
    """The hub could not be configured."""


class UnknownPrefix(Exception):
    """No value or trait has this name or one below it; the message suggests another."""


@dataclass(frozen=True)
class Setting:
    """A value or trait: its name, its value, and the place that set it."""

    name: str
    value: Any
    source: str

    def as_json(self) -> dict[str, Any]:
        """Return the fields for a program."""
        return {"name": self.name, "value": self.value, "source": self.source}


def values_of(values: Values, *, secrets: bool = False) -> list[Setting]:
    """Return every leaf of the effective values by its dotted key, secrets masked by default."""
    mask = Mask(values.get(()))
    return [
        Setting(
            ".".join(path) if secrets else name_of(path),
            value if secrets else mask.value(path, value),
            _origin(values, path),
        )
        for path, value in _leaves((), values.get(()))
        if path[0] not in FROM_THE_CHART
    ]


def below(settings: Sequence[Setting], prefixes: Sequence[str]) -> list[Setting]:
    """Return the settings whose names start with a prefix, or all without one.

    Raises UnknownPrefix for one that no setting has.
    """
    wanted = [prefix.rstrip(".") for prefix in prefixes if prefix.rstrip(".")]
    for prefix in wanted:
        if not any(_within(setting.name, prefix) for setting in settings):
            raise UnknownPrefix(_unknown(settings, prefix))
    return [
        setting
        for setting in settings
        if not wanted or any(_within(setting.name, prefix) for prefix in wanted)
    ]


def _within(name: str, prefix: str) -> bool:
    return f"{name}.".startswith(f"{prefix}.")


def _unknown(settings: Sequence[Setting], prefix: str) -> str:
    parts = prefix.count(".") + 1
    names = {".".join(setting.name.split(".")[:parts]) for setting in settings}
    hint = did_you_mean(prefix, names)
    return f"there is no {prefix}" + (f"; {hint}" if hint else "")


def _leaves(path: Path, node: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, dict) and (node or not path):
        for key, value in node.items():
            yield from _leaves((*path, str(key)), value)
    else:
        yield path, node


def _origin(values: Values, path: Path) -> str:
    """Return the file and line that set a value, or `CHART` for a default."""
    return str(values.given_at(path) or CHART)


def traits_of(
    values: Values, *, secrets: bool = False, salt: str = "", run_anyway: bool = False
) -> list[Setting]:
    """Return every trait that the hub would set. Raises ConfigError, NotShown.

    Functions are shown by name; with a `salt`, also by a digest, so that a change is visible.
    """
    mask = Mask(values.get(()))
    wrong = [p for p in configuration.problems(values) if p.severity == "error"]
    if wrong:
        raise ConfigError(wrong)
    try:
        answer = sandbox.run(values, "traits", {"salt": salt}, cached=False, run_anyway=run_anyway)
    except sandbox.Stopped as error:
        raise NotShown(f"the configuration {error}") from None
    if answer["raised"]:
        raised = answer["raised"]
        place = ":".join(map(str, raised["frames"][0])) if raised["frames"] else "the hub"
        message = mask.text(raised["message"])[:300]
        raise NotShown(f"{place} raises {raised['type']}: {message}")
    pieces = code.pieces(values)
    return [
        Setting(
            f"{one['class']}.{one['trait']}",
            one["value"] if secrets else mask.value((one["class"], one["trait"]), one["value"]),
            _source(values, pieces, one),
        )
        for one in answer["traits"]
    ]


def _source(values: Values, pieces: list[code.Piece], one: Mapping[str, Any]) -> str:
    file, line = one["place"] or ("", 0)
    kind, _, name = str(file).partition(":")
    if kind == "key":
        return _with_place(values, name)
    if kind == "section" and name == "hub_config":
        key = f"hub.config.{one['class']}.{one['trait']}"
        return _with_place(values, key) if values.has(key) else "the hub's Secret"
    if kind == "section":
        return f"the chart ({name.replace('_', '.')})"
    at = code.innermost([[file, line]], pieces) if file else None
    if at:
        return f"{at[0].key} ({at[0].origin(at[1])})"
    return CHART


def _with_place(values: Values, key: str) -> str:
    place = _origin(values, tuple(key.split(".")))
    return f"{key} ({place})"
