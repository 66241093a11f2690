"""Parts of a running hub: how to read, validate and change their configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...config.errors import MISSING, Path, Problem
from ...config.key_paths import key_path
from ...config.keys import resolved
from ...config.values import Values
from ...masking import is_secret, without_secrets

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config


@dataclass(frozen=True)
class Part:
    """A part of a running hub that values can change.

    keys     the keys of its values; `*` matches any one name
    trait    the name of the trait that they set, if any
    settle   `settle(hub)` is awaited after all parts were changed, and retried if it fails
    """

    keys: tuple[str, ...]
    trait: str = ""
    settle: Callable[[JupyterHub], Awaitable[None]] | None = None

    def is_of(self, path: Path) -> bool:
        """Return whether `path` is at or below a key of this part."""
        return any(_fits(key_path(key), path) for key in self.keys)

    def configured(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        """Return the configuration of this part, for comparison."""
        raise NotImplementedError

    def hindrance(self, hub: JupyterHub, old: Values, new: Values) -> str:
        """Return why the change needs a restart; empty if it does not."""
        return ""

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """Report problems of the values that only a running hub can detect."""
        return iter(())

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        """Apply the values to the running hub."""
        raise NotImplementedError

    def write(self, config: Config, old: Config, new: Config) -> None:
        """Replace the settings of this part in `config`, those of `old`, with those of `new`."""


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) <= len(path) and all(
        one in ("*", other) for one, other in zip(pattern, path, strict=False)
    )


@dataclass(frozen=True)
class Trait(Part):
    """A trait of the class `of(hub)`; `objects(hub)` are its existing instances."""

    of: Callable[[JupyterHub], type] = type
    objects: Callable[[JupyterHub], Iterable[Any]] = lambda hub: [hub]

    def configured(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        return resolved(self.of(hub), c, self.trait)

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """Report a value that the trait rejects."""
        value = self.configured(hub, values, c)
        for thing in [] if value is MISSING else list(self.objects(hub))[:1]:
            trait = thing.traits().get(self.trait)
            try:
                if trait:
                    trait._validate(thing, deepcopy(value))
            except Exception as error:
                name = type(thing).__name__
                # the message quotes the value
                why = "" if is_secret((name, self.trait)) else f": {without_secrets(str(error))}"
                yield self.problem(values, f"{name} rejects this value{why}")

    def problem(self, values: Values, message: str, expected: str = "") -> Problem:
        """Return a problem at the key that sets the trait."""
        return values.problem(self._key(values), message, expected=expected)

    def _key(self, values: Values) -> Path:
        for key in map(key_path, self.keys):
            for path in _expanded(values, key):
                if values.has(path):
                    return path
        return key_path(self.keys[0])

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        value = self.configured(hub, values, c)
        for thing in self.objects(hub):
            if thing.has_trait(self.trait):
                default = value is MISSING
                new = thing.trait_defaults(self.trait) if default else deepcopy(value)
                setattr(thing, self.trait, new)

    def write(self, config: Config, old: Config, new: Config) -> None:
        for name in {*_sections_with(old, self.trait), *_sections_with(new, self.trait)}:
            if name in new and self.trait in new[name]:
                config[name][self.trait] = deepcopy(new[name][self.trait])
            else:
                config[name].pop(self.trait, None)


def _expanded(values: Values, pattern: Path) -> Iterator[Path]:
    if "*" not in pattern:
        yield pattern
        return
    at = pattern.index("*")
    for name in values.get(pattern[:at]) or {}:
        yield from _expanded(values, (*pattern[:at], name, *pattern[at + 1 :]))


def _sections_with(c: Config, trait: str) -> list[str]:
    return [name for name, section in c.items() if isinstance(section, dict) and trait in section]
