"""Look up the classes that a configuration can name, and their traits, without importing them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

from .. import sandbox
from ..config.suggestions import closest, is_typo
from ..config.values import Values
from ..sandbox import cache as results
from ..sandbox import table as tables
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
    """Return `sandbox.table.shipped()`, with the classes of other packages that are installed."""
    shipped = tables.shipped()
    if tables.extensions() <= shipped["packages"].keys():
        return shipped
    here = _installed()
    names = {group: {**here["names"].get(group, {}), **named}
             for group, named in shipped["names"].items()}  # fmt: skip
    return {**shipped, "classes": {**here["classes"], **shipped["classes"]}, "names": names}


def _installed() -> dict[str, Any]:
    """Return `sandbox.table.describe()`; no classes if it fails."""
    key = results.installed()
    description: dict[str, Any] | None = results.load("tables", key)
    if description is None:
        try:
            description = sandbox.run_alone("table")
        except sandbox.Stopped as error:
            log.warning("The traits of installed packages cannot be listed: %s", error)
            return {"classes": {}, "names": {}}
        results.store("tables", key, description)
    return description


def is_in_image(module: str) -> bool:
    """Return whether the hub image contains the package of `module`."""
    return module.partition(".")[0] in tables.shipped()["modules"]


class Classes:
    """Classes of the hub image, installed here, or defined by the Python of the values."""

    def __init__(self, values: Values):
        self._known: dict[str, dict[str, Any]] = dict(table()["classes"])
        #: classes that are not fully known here, so they may have any trait
        self.open = {name for name in map(_last, _named(values)) if name not in self._known}
        for piece in code.pieces(values):
            for name, bases, traits in piece.classes():
                self._define(name, bases, traits)

    def _define(self, name: str, bases: list[str], traits: set[str]) -> None:
        existing = self._known.get(name)
        inherited = [b for base in bases for b in (base, *self._bases(base))]
        if any(base not in self._known or base in self.open for base in bases) or not bases:
            self.open.add(name)
        own = {trait: {"info": "", "spec": None} for trait in traits}
        if existing:  # it has the name of a base class, or of a class that it replaces
            own |= existing["traits"]
            inherited += existing["bases"]
        self._known[name] = {"bases": inherited, "traits": own, "aliases": {}, "removed": {}}

    def _bases(self, name: str) -> list[str]:
        return list(self._known.get(name, {}).get("bases", ()))

    def __contains__(self, name: str) -> bool:
        return name in self._known or name in self.open

    def near(self, name: str) -> str:
        """Return the class that `name` probably misspells; empty if none is similar."""
        typos = (known for known in self._known if len(name) > 4 and is_typo(name, known))
        return closest(name, self._known, _SIMILAR) or next(typos, "")

    def traits(self, name: str) -> dict[str, Any]:
        """Return all traits of a class, including inherited ones."""
        traits: dict[str, Any] = {}
        for cls in (name, *self._bases(name)):
            traits = {**self._known.get(cls, {}).get("traits", {}), **traits}
        return traits

    def has(self, name: str, trait: str) -> bool:
        """Return whether the class may have the trait."""
        return name in self.open or trait in self.traits(name)

    def current_name(self, name: str, trait: str) -> str:
        """Return the `Class.trait` that replaces a deprecated trait; empty if it is current."""
        return self._renamed(name, trait, "aliases")

    def replacement(self, name: str, trait: str) -> str:
        """Return the `Class.trait` that replaces a trait with which the class does not start."""
        return self._renamed(name, trait, "removed")

    def _renamed(self, name: str, trait: str, kind: str) -> str:
        for cls in (name, *self._bases(name)):
            new: str = self._known.get(cls, {}).get(kind, {}).get(trait, "")
            if new:
                return new if "." in new else f"{name}.{new}"
        return ""

    def owners(self, trait: str) -> list[str]:
        """Return the classes that define a trait of this name."""
        return [name for name, cls in self._known.items() if trait in cls["traits"]]


def _named(values: Values) -> Iterable[str]:
    """Return the classes that `hub.config.JupyterHub` names by their path."""
    hub = queries.mapping(values, "hub.config.JupyterHub")
    return [name for trait in CHOSEN if isinstance(name := hub.get(trait), str) and "." in name]


def _last(path: str) -> str:
    return path.replace(":", ".").rpartition(".")[2]
