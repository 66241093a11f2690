"""List the traits of JupyterHub, spawners, authenticators and proxies.

`shipped()` describes the classes of the hub image, so that the answer is the same everywhere:
`tools/trait_tables.py` writes it when the image's lock file changes. `describe()` describes what
is installed in this process; importing all of it takes seconds.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

GROUPS = ("jupyterhub.authenticators", "jupyterhub.spawners", "jupyterhub.proxies")
FILE = Path(__file__).with_name("trait_tables.json")
MODULES = ("jupyterhub.app", "kubespawner.proxy", "z2jh_hub.spawner")
# what this package adds to any spawner is configured as KubeSpawner
_OWN, _EXTENDED = "z2jh_hub.spawner.", "KubeSpawner"
# traits of `traitlets` that are defined by their arguments alone
_PLAIN = frozenset(
    {"Any", "Bool", "CaselessStrEnum", "Callable", "Dict", "Enum", "Float", "Int", "Integer",
     "List", "Set", "Unicode", "Union"}
)  # fmt: skip
# attributes of classes that map deprecated names of traits to current ones
_ALIASES = ("_deprecated_aliases", "_deprecated_oauth_aliases", "_deprecated_traits")
_DEPRECATED = re.compile(
    r"(?:^|\.\. |\. )(?:pending )?deprecat.{0,60}?\buse (?::attr:)?`?(?:c\.)?"
    r"((?:[A-Z]\w+\.)?[a-z_]+)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^Name: *(\S+)", re.MULTILINE)
_REQUIRES = re.compile(r"^Requires-Dist: *jupyterhub(?![\w.-])", re.MULTILINE | re.IGNORECASE)
_NOT_CLASSES = re.compile(r"(^|\.)(tests?|conftest|alembic|__main__)(\.|$)")


@cache
def shipped() -> dict[str, Any]:
    """Return the description of the hub image: `describe()`, `packages` and `modules`.

    `packages` maps distributions to versions; `modules` lists what can be imported.
    """
    data: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return data


def extensions() -> set[str]:
    """Return the names of the installed distributions that extend JupyterHub.

    Searches the text of their metadata, because parsing all of it takes a tenth of a second.
    """
    result = set()
    for one in metadata.distributions():
        text, entries = (one.read_text(name) or "" for name in ("METADATA", "entry_points.txt"))
        named = _NAME.search(text)
        name = _normal(named[1]) if named else ""
        extends = name.startswith("jupyterhub-") or _REQUIRES.search(text)
        if extends or any(f"[{group}]" in entries for group in GROUPS):
            result.add(name)
    return result - {"", "z2jh-hub"}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def describe() -> dict[str, Any]:
    """Return `classes` {name: {module, bases, traits, …}} and `names` {group: {name: class}}.

    The `traits` of a class, {name: {info, spec}}, do not include those of its `bases` (most
    derived first). `spec` describes how to rebuild the trait, or is null. `aliases` map deprecated
    names of traits, which still work, to current ones; `removed` those with which the class
    refuses to start.
    """
    for module in MODULES:
        importlib.import_module(module)
    ours = extensions()
    for name, packages in metadata.packages_distributions().items():
        if any(_normal(package) in ours for package in packages):
            _import_all(name)
    names = {group: dict(_named(group)) for group in GROUPS}
    from traitlets.config import Configurable

    result = list(_below(Configurable))
    classes = {c.__name__: _of_class(c, result) for c in result}
    for described in classes.values():
        if described["module"].startswith(_OWN):
            classes[_EXTENDED]["traits"].update(described["traits"])
    return {"classes": classes, "names": names}


def _import_all(name: str) -> None:
    """Import a package with its submodules, except those whose dependencies are missing."""
    try:
        package = importlib.import_module(name)
    except Exception:
        return
    result = pkgutil.walk_packages(getattr(package, "__path__", ()), f"{name}.", lambda _: None)
    for module in result:
        if not _NOT_CLASSES.search(module.name):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    importlib.import_module(module.name)
                except (Exception, SystemExit):
                    continue


def _named(group: str) -> Iterator[tuple[str, str]]:
    for entry in metadata.entry_points(group=group):
        try:
            yield entry.name, entry.load().__name__
        except Exception:
            continue  # a dependency is not installed


def _below(cls: Any) -> Iterator[Any]:
    """Yield `cls` and its loaded subclasses."""
    yield cls
    for child in cls.__subclasses__():
        yield from _below(child)


def _of_class(cls: Any, known: Iterable[Any]) -> dict[str, Any]:
    own = {n: t for n, t in cls.class_traits(config=True).items() if t.this_class is cls}
    bases = [base.__name__ for base in cls.__mro__[1:] if hasattr(base, "class_traits")]
    return {
        "module": cls.__module__,
        "bases": bases,
        "traits": {n: {"info": t.info(), "spec": spec_of(t)} for n, t in own.items()},
        "aliases": {**_described(cls, own, known), **_renamed(cls, works=True)},
        "removed": _renamed(cls, works=False),
    }


def _renamed(cls: Any, *, works: bool) -> dict[str, str]:
    """Return the old names in a class's own tables of renamed traits, with the current ones."""
    renamed: dict[str, tuple[Any, ...]] = {}
    for table in _ALIASES:
        renamed.update(vars(cls).get(table, {}))
    traits = cls.class_traits()

    def current(name: str) -> str:
        return current(renamed[name][0]) if name in renamed else name

    # (new name, version, whether the old name passes its value on)
    return {
        old: current(old)
        for old, new in renamed.items()
        if current(old) in traits and (len(new) < 3 or new[2]) == works
    }


def _described(cls: Any, own: dict[str, Any], known: Iterable[Any]) -> dict[str, str]:
    """Return the traits whose help text calls them deprecated and names another trait."""
    classes = {one.__name__: one for one in known}
    aliases: dict[str, str] = {}
    for name, trait in own.items():
        match = _DEPRECATED.search(" ".join((trait.help or "").split()))
        if match and match[1] != name:
            owner, _, new = match[1].rpartition(".")
            if classes.get(owner, cls).class_traits().get(new) is not None:
                aliases[name] = match[1] if owner and owner != cls.__name__ else new
    return aliases


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
