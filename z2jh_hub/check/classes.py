"""The classes that a configuration can name, and their traits, without importing them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

from .. import sandbox
from ..config.suggestions import closest
from ..config.values import Values
from ..sandbox import cache as kept
from . import code, queries

log = logging.getLogger(__name__)

CHOSEN = {
    "authenticator_class": "jupyterhub.authenticators",
    "spawner_class": "jupyterhub.spawners",
    "proxy_class": "jupyterhub.proxies",
}
_SIMILAR = 0.88  # PAMAuthenticator and LDAPAuthenticator are less similar


@cache
def table() -> dict[str, Any]:
    """`sandbox.table.describe()` of what is installed; without classes where that failed."""
    key = kept.packages()
    found: dict[str, Any] | None = kept.load("tables", key)
    if found is None:
        try:
            found = sandbox.run_alone("table")
        except sandbox.Stopped as error:
            log.warning("What JupyterHub can be told is not known here: %s", error)
            return {"classes": {}, "names": {}}
        kept.store("tables", key, found)
    return found


class Classes:
    """Those that are installed, that the values' own code defines, and that the image has."""

    def __init__(self, values: Values):
        self._known: dict[str, dict[str, Any]] = dict(table()["classes"])
        self._is_blind = not self._known
        #: classes of which not all is known here: any trait may be theirs
        self.open = {name for name in map(_last, _named(values)) if name not in self._known}
        for piece in code.pieces(values):
            for name, bases, traits in piece.classes():
                self._define(name, bases, traits)

    def _define(self, name: str, bases: list[str], traits: set[str]) -> None:
        there = self._known.get(name)
        inherited = [b for base in bases for b in (base, *self._bases(base))]
        if any(base not in self._known or base in self.open for base in bases) or not bases:
            self.open.add(name)
        own = {trait: {"info": "", "spec": None} for trait in traits}
        if there:  # in the name of what it derives from, or of what it replaces
            own |= there["traits"]
            inherited += there["bases"]
        self._known[name] = {"bases": inherited, "traits": own, "aliases": {}}

    def _bases(self, name: str) -> list[str]:
        return list(self._known.get(name, {}).get("bases", ()))

    def __contains__(self, name: str) -> bool:
        return self._is_blind or name in self._known or name in self.open

    def near(self, name: str) -> str:
        """The class that was probably meant by `name`; empty where none is near."""
        return closest(name, self._known, _SIMILAR)

    def traits(self, name: str) -> dict[str, Any]:
        """All traits of a class, with those that it inherits."""
        found: dict[str, Any] = {}
        for cls in (name, *self._bases(name)):
            found = {**self._known.get(cls, {}).get("traits", {}), **found}
        return found

    def has(self, name: str, trait: str) -> bool:
        """Whether the class may have the trait."""
        return self._is_blind or name in self.open or trait in self.traits(name)

    def today(self, name: str, trait: str) -> str:
        """What the trait `trait`, if that is an old name, is called today."""
        for cls in (name, *self._bases(name)):
            aliases: dict[str, str] = self._known.get(cls, {}).get("aliases", {})
            if trait in aliases:
                return aliases[trait]
        return ""

    def owners(self, trait: str) -> list[str]:
        """Classes that have a trait of their own by this name."""
        return [name for name, cls in self._known.items() if trait in cls["traits"]]


def _named(values: Values) -> Iterable[str]:
    """The classes that `hub.config.JupyterHub` chooses by their paths."""
    hub = queries.mapping(values, "hub.config.JupyterHub")
    return [name for trait in CHOSEN if isinstance(name := hub.get(trait), str) and "." in name]


def _last(path: str) -> str:
    return path.replace(":", ".").rpartition(".")[2]
