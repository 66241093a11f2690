"""Report unknown classes and traits, and invalid values, in `hub.config` and in profiles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

import traitlets

from ...config.errors import MISSING, Path, Problem
from ...config.suggestions import closest, hint
from ...config.values import Values
from ...masking import is_secret, masked
from .. import access_rules, profile_places, queries, trait_words
from ..classes import CHOSEN, Classes, is_in_image, table

# spawners other than KubeSpawner inherit from it
SPAWNER = "KubeSpawner"
BASE = "Authenticator"


def findings(values: Values) -> Iterator[Problem]:
    """Yield unknown classes and traits, deprecated names, and values that traits reject."""
    known = Classes(values)
    for name, traits in queries.mapping(values, "hub.config").items():
        if not isinstance(traits, dict) or not name[:1].isupper():
            continue  # reported by the hub_start rule
        path: Path = ("hub", "config", name)
        if name not in known:
            if known.near(name):
                yield values.problem(path, **unknown_class(known, name, traits), given=name)
            continue  # reported by the custom_classes rule
        for trait, value in traits.items():
            yield from _of_trait(values, known, (*path, trait), name, value)
    yield from _of_choices(values)
    own = _spawner_is_open(values, known)
    for path, override, _ in queries.overrides(values):
        for trait, value in override.items() if not own else ():
            if "{" not in str(value) or not known.has(SPAWNER, trait):
                yield from _of_override(values, known, (*path, str(trait)), value)


def _of_trait(
    values: Values, known: Classes, path: Path, name: str, value: Any
) -> Iterator[Problem]:
    for details in about(known, name, path[-1], value):
        yield values.problem(path, **details)


def _of_override(values: Values, known: Classes, path: Path, value: Any) -> Iterator[Problem]:
    """Yield problems of an override, whose name may be a key of the profile or of the chart."""
    key = path[-1]
    meant = "" if known.has(SPAWNER, key) else profile_places.trait_of(known, key)
    where, advice = profile_places.of_override(key)
    for details in about(known, SPAWNER, key, value):
        if details["rule"] == "unknown-trait" and meant:
            details["hint"] = hint(meant, (SPAWNER,))
        elif details["rule"] == "unknown-trait" and where:
            details["message"] = f"`{key}` has no effect here; it belongs at {where}"
            details["hint"] = advice
        yield values.problem(path, **details)


def about(known: Classes, name: str, trait: str, value: Any) -> Iterator[dict[str, Any]]:
    """Yield details of problems with setting `name.trait` to `value` (MISSING if unknown)."""
    if name in known.open:
        # every authenticator has the traits of the base class
        if name.endswith(BASE) and name != BASE and trait in known.traits(BASE):
            yield from about(known, BASE, trait, value)
        return
    if removed := known.replacement(name, trait):
        yield {
            "message": f"{name}.{trait} was removed, so the hub does not start with it",
            "expected": removed, "hint": f"use {removed}", "rule": "deprecated-trait",
        }  # fmt: skip
        return
    if current := known.current_name(name, trait):
        yield deprecated(name, trait, current)
    elif name == "JupyterHub" and trait[:1].isupper() and trait in known:
        return  # traitlets reads it: JupyterHub is the parent of these objects
    elif not known.has(name, trait):
        yield unknown_trait(known, name, trait)
        return
    rejected = value is not MISSING and value is not None and rejects(known, name, trait, value)
    if rejected:
        yield wrong_value(known, name, trait, value)
    elif isinstance(value, str) and _is_list(known, name, trait):
        yield _text_as_list(known, name, trait, value)


def deprecated(name: str, trait: str, current: str) -> dict[str, Any]:
    """Return details of a problem about a deprecated name of a trait, which takes effect."""
    shown = current.removeprefix(f"{name}.")
    return {
        "message": f"{name}.{trait} is deprecated; use {shown}",
        "expected": current, "rule": "deprecated-trait", "severity": "warning",
    }  # fmt: skip


def unknown_class(known: Classes, name: str, traits: Iterable[str] = ()) -> dict[str, Any]:
    """Return details of a problem about a misspelled class, under which `traits` are set."""
    near = known.near(name)
    decides_logins = bool(near) and any(access_rules.is_close(near, trait) for trait in traits)
    return {
        "message": f"unknown class {name}: its settings have no effect",
        "expected": "a class of JupyterHub, the spawner, the authenticator or the proxy",
        "hint": hint(near),
        "rule": "unknown-class",
        "severity": "error" if decides_logins else "warning",
    }  # fmt: skip


def unknown_trait(known: Classes, name: str, trait: str) -> dict[str, Any]:
    """Return details of a problem about a trait that its class does not have."""
    traits = known.traits(name)
    near = closest(trait, traits) or next((t for t in traits if t.endswith(f"_{trait}")), "")
    owners = [] if near else known.owners(trait)
    advice = hint(near, (name,))
    if owners:
        advice = hint(trait, owners[:1])
    if trait in known and trait[:1].isupper():
        advice = f"{trait} is a class; move it to hub.config.{trait}"
    return {
        "message": f"{name} has no trait {trait}: this setting has no effect",
        "expected": f"a trait of {name}",
        "hint": advice,
        "rule": "unknown-trait",
        "severity": "error" if access_rules.is_close(name, trait) else "warning",
    }


def wrong_value(known: Classes, name: str, trait: str, value: Any) -> dict[str, Any]:
    """Return details of a problem about a value that the trait rejects."""
    described = known.traits(name).get(trait, {})
    info = described.get("info", "")
    return {
        "message": f"invalid value for {name}.{trait}",
        "given": masked((name, trait), value),
        "expected": trait_words.expected(info, described.get("spec")),
        "hint": "" if is_secret((name, trait)) else trait_words.advice(info, value),
        "rule": "trait-value",
    }


def _is_list(known: Classes, name: str, trait: str) -> bool:
    spec = known.traits(name).get(trait, {}).get("spec")
    return bool(spec) and spec[0] in ("List", "Set")


def _text_as_list(known: Classes, name: str, trait: str, value: str) -> dict[str, Any]:
    """Return details of a problem about text that a trait takes as a list of one item."""
    several = bool(re.search(r"[,;\[]|\s", value.strip()))
    decides = several and access_rules.is_close(name, trait)
    what = "the whole text is one item" if several else "the text is taken as its only item"
    return {
        **wrong_value(known, name, trait, value),
        "message": f"{name}.{trait} is a list; {what}",
        "severity": "error" if decides else "warning",
    }


def rejects(known: Classes, name: str, trait: str, value: Any) -> bool:
    """Return whether the trait, rebuilt from the table, rejects `value`."""
    spec = known.traits(name).get(trait, {}).get("spec")
    if not spec:
        return False
    rebuilt = _rebuilt(spec)
    rebuilt.name = trait
    if isinstance(value, str) and isinstance(rebuilt, traitlets.List | traitlets.Set):
        value = [value]  # as `List.set` and `Set.set` do
    try:
        rebuilt._validate(traitlets.HasTraits(), value)
    except (traitlets.TraitError, TypeError, ValueError):  # a Set of mappings: TypeError
        return True
    return False


def _rebuilt(spec: list[Any]) -> Any:
    """Return the trait that a spec of `sandbox.table` describes."""
    kind, arguments, inner = spec
    if kind == "Union":
        return traitlets.Union([_rebuilt(one) for one in inner["trait_types"]], **arguments)
    parts = {name: _rebuilt(one) for name, one in inner.items()}
    return getattr(traitlets, kind)(**parts, **arguments)


def _of_choices(values: Values) -> Iterator[Problem]:
    """Yield short names of classes, such as `authenticator_class: githb`, that are unknown."""
    hub = queries.mapping(values, "hub.config.JupyterHub")
    for trait, group in CHOSEN.items():
        name, names = hub.get(trait), table()["names"].get(group, {})
        if isinstance(name, str) and "." in name and _is_unknown_module(name):
            yield _not_installed(values, trait, name)
        if not isinstance(name, str) or "." in name or not names or name.lower() in names:
            continue
        near = closest(name, names)
        yield values.problem(
            ("hub", "config", "JupyterHub", trait),
            f"no class of the hub image has the short name {name}",
            expected=f"one of {', '.join(sorted(names))}, or module.Class",
            hint=hint(near),
            rule="unknown-class",
            severity="error" if near else "warning",
        )


def _is_unknown_module(name: str) -> bool:
    top = name.partition(".")[0]
    return not is_in_image(top) and not find_spec(top)


def _spawner_is_open(values: Values, known: Classes) -> bool:
    """Return whether the spawner class is unknown here, so that any trait may be its own."""
    class_path = queries.mapping(values, "hub.config.JupyterHub").get("spawner_class")
    return isinstance(class_path, str) and class_path.rpartition(".")[2] in known.open


def _not_installed(values: Values, trait: str, name: str) -> Problem:
    return values.problem(
        ("hub", "config", "JupyterHub", trait),
        f"the module {name.partition('.')[0]} is not installed here, so it was not checked",
        hint="ignore this if the hub image contains the module",
        rule="missing-module",
        severity="note",
    )
