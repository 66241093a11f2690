"""Validate values and turn them into a `Config`, without running administrators' code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import keys, placeholders, snippets, unknown_keys
from .errors import Problem
from .values import Values

if TYPE_CHECKING:
    from types import ModuleType

    from traitlets.config import Config

log = logging.getLogger(__name__)

# in the order in which they run; `hub_config` is merged over all others
SECTIONS = (
    "hub",
    "hub_db",
    "hub_secrets",
    "proxy",
    "rbac",
    "singleuser",
    "singleuser_storage",
    "singleuser_cloud_metadata",
    "scheduling",
    "cull",
    "hub_services",
    "hub_load_roles",
    "debug",
    "hub_failures",
    "hub_quotas",
    "singleuser_profile_list",
    "hub_rescue",
    "hub_speed",
    "hub_config_cilogon",
    "hub_config",
)


def sections() -> list[ModuleType]:
    """Return the modules of the sections, in the order in which they run."""
    return [import_module(f".sections.{name}", __package__) for name in SECTIONS]


def problems(values: Values) -> list[Problem]:
    """Return all problems of the values, without running administrators' code."""
    return list(_problems(values))


def _problems(values: Values) -> Iterator[Problem]:
    yield from values.legacy_problems()
    for section in sections():
        yield from keys.check(_table(section), values)
    for step in steps("problems"):
        yield from step(values)
    yield from snippets.problems(values)
    yield from placeholders.problems(values)
    yield from unknown_keys.problems(values)


def plain(values: Values) -> tuple[Config, dict[str, str]]:
    """Return the configuration and environment from the values alone, without code."""
    from traitlets.config import Config

    c = Config()
    apply(values, c)
    for finish in steps("finish"):
        finish(values, c)
    return c, environment(values)


def apply(values: Values, c: Config) -> None:
    """Apply every section to `c`, in order."""
    for section in sections():
        keys.apply(_table(section), values, c)
        if hasattr(section, "apply"):
            section.apply(values, c)


def environment(values: Values) -> dict[str, str]:
    """Return the environment variables that the sections set in the hub's process."""
    variables: dict[str, str] = {}
    for of_section in steps("environment"):
        variables.update(of_section(values))
    return variables


def _table(section: ModuleType) -> tuple[keys.Key, ...]:
    return getattr(section, "KEYS", ())


def steps(name: str) -> Iterator[Any]:
    """Yield the functions called `name` of the sections, in order."""
    return (getattr(section, name) for section in sections() if hasattr(section, name))
