"""What a part of a running hub is: how its configuration is read, checked and changed."""

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

    `keys` are the values it comes of (`*` stands for any one name); `trait` is the name of the
    trait they set, if it is one. `settle(hub)` is awaited once for all parts that have it, after
    all of them were changed; again, if it fails.
    """

    keys: tuple[str, ...]
    trait: str = ""
    settle: Callable[[JupyterHub], Awaitable[None]] | None = None

    def is_of(self, path: Path) -> bool:
        """Whether the value at `path` is one of this part's, or in one."""
        return any(_fits(key_path(key), path) for key in self.keys)

    def said(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        """What values, and the configuration made of them, say of it; to be compared."""
        raise NotImplementedError

    def hindrance(self, hub: JupyterHub, old: Values, new: Values) -> str:
        """Why the change has to wait for a restart, in words; empty where it has not."""
        return ""

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """What is wrong with the values that only the running hub can tell."""
        return iter(())

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        """Make the running hub do as the values say."""
        raise NotImplementedError

    def write(self, config: Config, old: Config, new: Config) -> None:
        """Put into `config`, which has what `old` says of it, what `new` says."""


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) <= len(path) and all(
        one in ("*", other) for one, other in zip(pattern, path, strict=False)
    )


@dataclass(frozen=True)
class Trait(Part):
    """A trait of one class of objects: `of(hub)` is the class, `objects(hub)` those there are."""

    of: Callable[[JupyterHub], type] = type
    objects: Callable[[JupyterHub], Iterable[Any]] = lambda hub: [hub]

    def said(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        return resolved(self.of(hub), c, self.trait)

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """A value that the trait does not take."""
        value = self.said(hub, values, c)
        for thing in [] if value is MISSING else list(self.objects(hub))[:1]:
            trait = thing.traits().get(self.trait)
            try:
                if trait:
                    trait._validate(thing, deepcopy(value))
            except Exception as error:
                name = type(thing).__name__
                # the message quotes the value
                why = "" if is_secret((name, self.trait)) else f": {without_secrets(str(error))}"
                yield self.problem(values, f"not what {name} takes{why}")

    def problem(self, values: Values, message: str, expected: str = "") -> Problem:
        """A problem at the key that gives the trait."""
        return values.problem(self._key(values), message, expected=expected)

    def _key(self, values: Values) -> Path:
        for key in map(key_path, self.keys):
            for path in _expanded(values, key):
                if values.has(path):
                    return path
        return key_path(self.keys[0])

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        value = self.said(hub, values, c)
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
