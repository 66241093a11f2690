"""`hub.loadRoles.*`: roles of JupyterHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import Problem
from ..keys import MAPPING, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("hub.loadRoles", MAPPING),)


def problems(values: Values) -> Iterator[Problem]:
    """Report roles that are not mappings or null."""
    roles = values.get("hub.loadRoles")
    for key, role in roles.items() if isinstance(roles, dict) else ():
        if role is not None and not isinstance(role, dict):
            yield values.problem(
                f"hub.loadRoles.{key}",
                "invalid role",
                given=role,
                expected="a mapping such as {scopes: […], users: […], groups: […]}",
            )


def apply(values: Values, c: Config) -> None:
    """Add each role under its `name`, or else its key."""
    for key, role in (values.get("hub.loadRoles") or {}).items():
        if role is not None:
            c.JupyterHub.load_roles.append({"name": key, **role})
