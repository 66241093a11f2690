"""Which groups the values make, for rules that name some."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .values import Values


def groups_of(values: Values) -> set[str]:
    """The groups that there can be; empty where an authenticator or a person may make more."""
    config = values.get("hub.config")
    for traits in config.values() if isinstance(config, dict) else ():
        if isinstance(traits, dict) and traits.get("manage_groups"):
            return set()
    groups = values.get("hub.config.JupyterHub.load_groups")
    return set(groups) if isinstance(groups, dict) else set()
