"""The groups that the values define."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .values import Values


def groups_of(values: Values) -> set[str]:
    """Return the groups of `load_groups`; empty if the authenticator manages groups."""
    config = values.get("hub.config")
    for traits in config.values() if isinstance(config, dict) else ():
        if isinstance(traits, dict) and traits.get("manage_groups"):
            return set()
    groups = values.get("hub.config.JupyterHub.load_groups")
    return set(groups) if isinstance(groups, dict) else set()
