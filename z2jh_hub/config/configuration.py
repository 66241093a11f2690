"""Run the sections: values in, problems or `Config` out, without anybody's code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import keys, placeholder_problems, snippets, unknown_keys
from .errors import Problem
from .values import Values

if TYPE_CHECKING:
    from types import ModuleType

    from traitlets.config import Config

log = logging.getLogger(__name__)

# in the order in which they run; `hub_config` is laid over all others
SECTIONS = (
    "hub",
    "hub_db",
    "hub_secrets",
    "proxy",
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
    "hub_config_cilogon",
    "hub_config",
)


def sections() -> list[ModuleType]:
    """The sections' modules, in the order in which they run."""
    return [import_module(f".sections.{name}", __package__) for name in SECTIONS]


def problems(values: Values) -> list[Problem]:
    """All that is wrong with the values, found without running anybody's code."""
    return list(_problems(values))


def _problems(values: Values) -> Iterator[Problem]:
    yield from values.legacy_problems()
    for section in sections():
        yield from keys.check(_table(section), values)
    for step in steps("problems"):
        yield from step(values)
    yield from snippets.problems(values)
    yield from placeholder_problems.problems(values)
    yield from unknown_keys.problems(values)


def plain(values: Values) -> tuple[Config, dict[str, str]]:
    """What the values alone make, without anybody's code: configuration and environment."""
    from traitlets.config import Config

    c = Config()
    lay_out(values, c)
    for finish in steps("finish"):
        finish(values, c)
    return c, environment(values)


def lay_out(values: Values, c: Config) -> None:
    """Apply every section to `c`, in order."""
    for section in sections():
        keys.apply(_table(section), values, c)
        if hasattr(section, "apply"):
            section.apply(values, c)


def environment(values: Values) -> dict[str, str]:
    """Return the variables that the sections set in the hub's own process."""
    found: dict[str, str] = {}
    for variables in steps("environment"):
        found.update(variables(values))
    return found


def _table(section: ModuleType) -> tuple[keys.Key, ...]:
    return getattr(section, "KEYS", ())


def steps(name: str) -> Iterator[Any]:
    """Yield the sections' functions of that name, in order."""
    return (getattr(section, name) for section in sections() if hasattr(section, name))
