"""List the traits of the installed JupyterHub, spawners, authenticators and proxies.

Importing them takes seconds: the answer is kept for each set of installed versions.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

GROUPS = ("jupyterhub.authenticators", "jupyterhub.spawners", "jupyterhub.proxies")
# classes that the above do not name
MODULES = ("jupyterhub.app", "kubespawner", "oauthenticator.oauth2")
# traits of `traitlets` that are defined by their arguments alone
_PLAIN = frozenset(
    {"Any", "Bool", "CaselessStrEnum", "Callable", "Dict", "Enum", "Float", "Int", "Integer",
     "List", "Set", "Unicode", "Union"}
)  # fmt: skip


def describe() -> dict[str, Any]:
    """Return `classes` {name: {module, bases, traits, aliases}} and `names` {group: {name: class}}.

    The `traits` of a class, {name: {info, spec}}, do not include those of its `bases` (most
    derived first). `spec` describes how to rebuild the trait, or is null; `aliases` map
    deprecated names of traits to current ones.
    """
    for module in MODULES:
        importlib.import_module(module)
    names = {group: dict(_named(group)) for group in GROUPS}
    from traitlets.config import Configurable

    return {"classes": {c.__name__: _of_class(c) for c in _below(Configurable)}, "names": names}


def _named(group: str) -> Iterator[tuple[str, str]]:
    for entry in entry_points(group=group):
        try:
            yield entry.name, entry.load().__name__
        except Exception:
            continue  # a dependency is not installed


def _below(cls: Any) -> Iterator[Any]:
    """Yield `cls` and its loaded subclasses."""
    yield cls
    for child in cls.__subclasses__():
        yield from _below(child)


def _of_class(cls: Any) -> dict[str, Any]:
    own = {n: t for n, t in cls.class_traits(config=True).items() if t.this_class is cls}
    aliases: dict[str, str] = {}
    for table in ("_deprecated_aliases", "_deprecated_oauth_aliases"):
        aliases.update({old: new[0] for old, new in vars(cls).get(table, {}).items()})
    bases = [base.__name__ for base in cls.__mro__[1:] if hasattr(base, "class_traits")]
    return {
        "module": cls.__module__,
        "bases": bases,
        "traits": {n: {"info": t.info(), "spec": spec_of(t)} for n, t in own.items()},
        "aliases": aliases,
    }


def spec_of(trait: Any) -> list[Any] | None:
    """Return [class of the trait, its arguments, {argument: inner spec}], or None."""
    name = type(trait).__name__
    if type(trait).__module__ != "traitlets.traitlets" or name not in _PLAIN:
        return None
    arguments: dict[str, Any] = {"allow_none": True} if trait.allow_none else {}
    inner: dict[str, Any] = {}
    match name:
        case "Enum" | "CaselessStrEnum":
            arguments["values"] = list(trait.values)
        case "Int" | "Integer" | "Float":
            arguments |= {k: v for k in ("min", "max") if (v := getattr(trait, k)) is not None}
        case "List" | "Set":
            inner["trait"] = spec_of(trait._trait) if trait._trait else ["Any", {}, {}]
        case "Dict":
            inner["value_trait"] = (
                spec_of(trait._value_trait) if trait._value_trait else ["Any", {}, {}]
            )
        case "Union":
            inner["trait_types"] = [spec_of(one) for one in trait.trait_types]
    unknown = None in inner.values() or None in inner.get("trait_types", [])
    return None if unknown or not _is_json(arguments) else [name, arguments, inner]


def _is_json(data: Any) -> bool:
    try:
        json.dumps(data, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
