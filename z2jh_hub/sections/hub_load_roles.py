"""`hub.loadRoles.*`: roles of JupyterHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..keys import MAPPING, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("hub.loadRoles", MAPPING),)


def apply(values: Values, c: Config) -> None:
    """Add each role under its key, or the `name` it gives."""
    for key, role in (values.get("hub.loadRoles") or {}).items():
        if role is not None:
            c.JupyterHub.load_roles.append({"name": key, **role})
