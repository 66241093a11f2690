"""Validate a configuration with the real classes and traits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from traitlets import HasTraits, List, Set, TraitError, import_item
from traitlets.config import Config, Configurable
from traitlets.config.loader import LazyConfigValue

from . import table
from .stand_ins import is_stand_in

# traits of JupyterHub that choose a class, with the group of entry points of its short names
CHOSEN = dict(
    zip(("authenticator_class", "spawner_class", "proxy_class"), table.GROUPS, strict=True)
)

_ADDRESS = re.compile(r"<([\w.]+) object at 0x[0-9a-f]+>")


def chosen(config: Config, trait: str) -> Any:
    """Return the class that `JupyterHub.trait` names, resolved by that trait."""
    from jupyterhub.app import JupyterHub

    given = config.JupyterHub.get(trait)
    known = JupyterHub.class_traits()[trait]
    if given is None or isinstance(given, LazyConfigValue):
        given = known.default_value
    if isinstance(given, type):
        return given
    entries = known.load_entry_points()
    if given in entries:
        return entries[given].load()
    return import_item(given)


def classes(config: Config) -> dict[str, type]:
    """Return every class that the hub knows by name, including those of snippets."""
    import kubespawner  # noqa: F401

    for trait in CHOSEN:
        try:
            chosen(config, trait)
        except Exception:
            continue  # reported elsewhere, or not installed here
    result: dict[str, type] = {}
    stack: list[type] = [Configurable]
    while stack:
        cls = stack.pop()
        result.setdefault(cls.__name__, cls)
        stack += cls.__subclasses__()
    return result


def problems(config: Config) -> Iterator[dict[str, Any]]:
    """Yield {class, trait, kind: class | trait | value, message} for each invalid setting."""
    known = classes(config)
    for name, section in config.items():
        if not isinstance(section, Config) or name == "Application":
            continue
        cls = known.get(name)
        if cls is None:
            unknown = {"class": name, "trait": "", "kind": "class", "message": ""}
            yield {**unknown, "traits": list(section)}
            continue
        yield from of_traits(name, cls, section)


def of_traits(name: str, cls: Any, traits: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the traits that `cls` does not have, and the values that it rejects."""
    if is_stand_in(cls):
        return
    own = cls.class_traits(config=True)
    for trait, value in traits.items():
        if trait not in own:
            yield {"class": name, "trait": trait, "kind": "trait", "message": ""}
            continue
        message = refused(cls, trait, value)
        if message:
            yield {"class": name, "trait": trait, "kind": "value", "message": message}


def refused(cls: type[HasTraits], trait: str, value: Any) -> str:
    """Return why the real trait rejects `value`; empty if it accepts it."""
    if trait.endswith("_class") and isinstance(value, str) and not _is_installed(trait, value):
        return ""
    try:
        # without __init__, which would connect to a cluster
        instance = cls.__new__(cls)
        if isinstance(value, LazyConfigValue):
            value = value.get_value(getattr(instance, trait))
        known = instance.traits()[trait]
        if isinstance(known, List | Set) and isinstance(value, str):
            value = [value]  # as `List.set` and `Set.set` do
        known._validate(instance, value)
    except TraitError as error:
        return _ADDRESS.sub(r"\1", str(error))
    except Exception:
        return ""  # the validator needs a running hub
    return ""


def _is_installed(trait: str, name: str) -> bool:
    """Return whether the class that `name` chooses for a trait is installed.

    True for a short name that the hub image does not have either.
    """
    top, dot, _ = name.partition(".")
    if dot:
        return find_spec(top) is not None
    group = CHOSEN.get(trait, "")
    in_image = table.shipped()["names"].get(group, {})
    return name not in in_image or bool(entry_points(group=group, name=name))
