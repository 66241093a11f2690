"""`hub.config.*`: traits of any class, over what the rest of the values has set.

Nothing that the chart put there is dropped in silence: what both sides fill is merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .. import named_entries
from ..errors import Problem
from ..keys import MAPPING, TEXT, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (
    Key("hub.config", MAPPING),
    Key("hub.cookieSecret", TEXT),
)

# class, trait, and where else the values may have what the hub's Secret holds
SECRETS = (
    ("JupyterHub", "cookie_secret", "hub.cookieSecret"),
    ("CryptKeeper", "keys", None),
    ("ConfigurableHTTPProxy", "auth_token", "proxy.secretToken"),
)
# the hub and the proxy both take it from CONFIGPROXY_AUTH_TOKEN
FROM_ENVIRONMENT = ("ConfigurableHTTPProxy", "auth_token")

# keys of `hub` that are put under `hub.config` by mistake
HUB_KEYS = (
    "activeServerLimit",
    "allowNamedServers",
    "baseUrl",
    "concurrentSpawnLimit",
    "db",
    "extraConfig",
    "extraEnv",
    "loadRoles",
    "namedServerLimitPerUser",
    "services",
    "templatePaths",
    "templateVars",
)

# a class, and its subclass that the chart configures
GENERAL, SPECIFIC = "Spawner", "KubeSpawner"

# lists that are one value, not a collection of things
WHOLE = ("args", "cmd", "storage_access_modes")

_CLASS_NAME = re.compile(r"_*[A-Z].*")


def problems(values: Values) -> Iterator[Problem]:
    """Entries that are no class, or whose traits are no mapping."""
    sections = values.get("hub.config")
    for name, traits in sections.items() if isinstance(sections, dict) else ():
        key = f"hub.config.{name}"
        if traits is None:
            continue  # taken out of an earlier file
        if not _CLASS_NAME.fullmatch(name):
            yield values.problem(
                key,
                "not the name of a class: under hub.config stand classes, and under them traits",
                given=name,
                expected="a class such as JupyterHub, KubeSpawner or GitHubOAuthenticator",
                hint=f"did you mean hub.{name}?" if name in HUB_KEYS else "",
            )
        elif not isinstance(traits, dict):
            yield values.problem(
                key, "traits are missing", given=traits, expected="a mapping of traits to values"
            )


def apply(values: Values, c: Config) -> None:
    """Lay the given traits over those set so far; then what the hub's Secret holds."""
    sections = values.get("hub.config") or {}
    # first what is for all spawners, so that what is for KubeSpawner goes over it
    for class_name in sorted(sections, key=lambda name: name != GENERAL):
        for trait, value in (sections[class_name] or {}).items():
            if (class_name, trait) != FROM_ENVIRONMENT:
                _lay_over(c, class_name, trait, value)
    _apply_secrets(values, c)


def _lay_over(c: Config, class_name: str, trait: str, value: Any) -> None:
    # the chart sets most of what all spawners have for KubeSpawner, which would win
    overridden = class_name == GENERAL and trait in c[SPECIFIC]
    target = SPECIFIC if overridden else class_name
    there = c[target].get(trait) if target in c else None
    value = named_entries.of_trait(trait, value if trait in WHOLE else merged(there, value))
    if isinstance(there, dict) and isinstance(value, dict) and trait == "environment":
        # the same mapping stays under both names
        there.clear()
        there.update(value)
        value = there
    _set(c[class_name], trait, value)
    if overridden:
        _set(c[SPECIFIC], trait, value)


def _set(section: Config, trait: str, value: Any) -> None:
    """Set a trait. A name in upper case is a section in a section, which `check` reports."""
    if not trait[:1].isupper():
        section[trait] = value
    elif isinstance(value, dict):
        section[trait] = type(section)(value)


def _apply_secrets(values: Values, c: Config) -> None:
    for class_name, trait, other_key in SECRETS:
        if (class_name, trait) == FROM_ENVIRONMENT:
            continue
        secret: Any = values.secret(f"hub.config.{class_name}.{trait}")
        if secret is None and other_key and trait not in c[class_name]:
            secret = values.get(other_key)
        if secret is None:
            continue
        c[class_name][trait] = _keys(secret) if trait == "keys" else secret


def _keys(secret: str) -> list[str]:
    """The encryption keys in text such as `new;old`."""
    return [key.strip() for key in secret.split(";") if key.strip()]


def merged(there: Any, value: Any) -> Any:
    """`value` over what is `there`, which loses nothing but what `value` names.

    Mappings are merged, and lists joined; a thing of the same name, or mounted at the same
    path, takes the place of the one that is there, whole. Anything else is replaced.
    """
    if isinstance(value, list) and isinstance(there, list):
        return value + _kept(there, value)
    if isinstance(value, list) and isinstance(there, dict) and there:
        value = dict(_keyed(value))
    if isinstance(value, dict) and isinstance(there, dict):
        kept = {key: item for key, item in there.items() if _kept([item], value.values())}
        below = {key: item if _name(item) else merged(there.get(key), item)
                 for key, item in value.items()}  # fmt: skip
        return {**kept, **below}
    return value


def _kept(there: list[Any], value: Iterable[Any]) -> list[Any]:
    """The things of `there` that nothing in `value` takes the place of."""
    value = list(value)
    names = {_name(item) for item in value} - {None}
    return [item for item in there if _name(item) not in names and item not in value]


def _keyed(items: list[Any]) -> Iterator[tuple[str, Any]]:
    """A list, such as of volumes, as the mapping that KubeSpawner takes as well."""
    for index, item in enumerate(items):
        yield f"hub.config-{index:03}", item


def _name(item: Any) -> Any:
    return item.get("mountPath") or item.get("name") if isinstance(item, dict) else None
