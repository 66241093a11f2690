"""`hub.config.*`: traits of any class, merged over the settings of all other keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ...chart.schema import chart_schema
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

# class, trait, and another key that can contain the secret
SECRETS = (
    ("JupyterHub", "cookie_secret", "hub.cookieSecret"),
    ("CryptKeeper", "keys", None),
    ("ConfigurableHTTPProxy", "auth_token", "proxy.secretToken"),
)
# the hub and the proxy read it from CONFIGPROXY_AUTH_TOKEN
FROM_ENVIRONMENT = ("ConfigurableHTTPProxy", "auth_token")

# a class, and its subclass that the chart configures
GENERAL, SPECIFIC = "Spawner", "KubeSpawner"

# lists that are replaced, not merged
WHOLE = ("args", "cmd", "storage_access_modes")

_CLASS_NAME = re.compile(r"_*[A-Z].*")


def problems(values: Values) -> Iterator[Problem]:
    """Report entries that are not a class, or whose traits are not a mapping."""
    sections = values.get("hub.config")
    for name, traits in sections.items() if isinstance(sections, dict) else ():
        key = f"hub.config.{name}"
        if traits is None:
            continue  # removes the entry of an earlier file
        if not _CLASS_NAME.fullmatch(name):
            yield values.problem(
                key,
                "not the name of a class; hub.config maps classes to their traits",
                given=name,
                expected="a class such as JupyterHub, KubeSpawner or GitHubOAuthenticator",
                hint=_place(name),
            )
        elif not isinstance(traits, dict):
            yield values.problem(
                key,
                "invalid traits",
                given=traits,
                expected="a mapping of traits to values",
                hint="write TRAIT: value on each line, without -"
                if isinstance(traits, list)
                else "",
            )


def _place(name: str) -> str:
    """Return a hint that names the place of a key of the chart in `hub.config`."""
    if name in chart_schema().children(()):
        return f"`{name}` is a top-level key; move it out of hub.config"
    if name in chart_schema().children(("hub",)):
        return f"`{name}` is a key of hub; move it out of hub.config to hub.{name}"
    return ""


def apply(values: Values, c: Config) -> None:
    """Merge the traits over those set so far, then set the secrets of the hub's Secret."""
    sections = values.get("hub.config") or {}
    # Spawner first, so that KubeSpawner overrides it
    for class_name in sorted(sections, key=lambda name: name != GENERAL):
        for trait, value in (sections[class_name] or {}).items():
            if (class_name, trait) != FROM_ENVIRONMENT:
                _merge_trait(c, class_name, trait, value)
    _apply_secrets(values, c)


def _merge_trait(c: Config, class_name: str, trait: str, value: Any) -> None:
    # the chart sets most traits of Spawner for KubeSpawner, which would override them
    overridden = class_name == GENERAL and trait in c[SPECIFIC]
    target = SPECIFIC if overridden else class_name
    present = c[target].get(trait) if target in c else None
    value = named_entries.of_trait(trait, value if trait in WHOLE else merged(present, value))
    if isinstance(present, dict) and isinstance(value, dict) and trait == "environment":
        # both classes share one mapping
        present.clear()
        present.update(value)
        value = present
    _set(c[class_name], trait, value)
    if overridden:
        _set(c[SPECIFIC], trait, value)


def _set(section: Config, trait: str, value: Any) -> None:
    """Set a trait. A capitalized name is a nested section, which `check` reports."""
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
    """Return the encryption keys in text such as `new;old`."""
    return [key.strip() for key in secret.split(";") if key.strip()]


def merged(present: Any, value: Any) -> Any:
    """Return `present` merged with `value`.

    Mappings are merged and lists are joined. An entry with the same name or mount path replaces
    the present one as a whole. Other values are replaced.
    """
    if isinstance(value, list) and isinstance(present, list):
        return value + _remaining(present, value)
    if isinstance(value, list) and isinstance(present, dict) and present:
        value = dict(_keyed(value))
    if isinstance(value, dict) and isinstance(present, dict):
        remaining = {
            key: item for key, item in present.items() if _remaining([item], value.values())
        }
        below = {key: item if _name(item) else merged(present.get(key), item)
                 for key, item in value.items()}  # fmt: skip
        return {**remaining, **below}
    return value


def _remaining(present: list[Any], value: Iterable[Any]) -> list[Any]:
    """Return the entries of `present` that `value` does not replace."""
    value = list(value)
    names = {_name(item) for item in value} - {None}
    return [item for item in present if _name(item) not in names and item not in value]


def _keyed(items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a list as those of the mapping that KubeSpawner also accepts."""
    for index, item in enumerate(items):
        yield f"hub.config-{index:03}", item


def _name(item: Any) -> Any:
    return item.get("mountPath") or item.get("name") if isinstance(item, dict) else None
