"""`JupyterHub.admin_access: false`: administrators cannot open other users' servers.

JupyterHub decides by scopes and refuses an `admin` role other than its own, so this module
replaces the function that returns JupyterHub's default roles. JupyterHub then creates the
`admin` role without the scopes that lead into a server, and restores them at the next start
with `admin_access: true`. See docs/decisions/2026-11-24-admin-access.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traitlets.config import Config

ENTRY = "access:servers"
# a token issued for a user has that user's scopes, which include access to their servers
ISSUING = "tokens"
SERVICES_ROLE = "services-with-admin-access"


def apply(c: Config) -> None:
    """Remove administrators' access to servers if `c` disables it."""
    from jupyterhub import roles

    from ..spawner import upstream

    if c.JupyterHub.get("admin_access", True):
        return
    admin = next(role for role in roles.get_default_roles() if role["name"] == "admin")
    upstream.replace_default_roles(_restricted)
    _keep_for_services(c, list(removed(admin["scopes"])))


def _restricted(role: dict[str, Any]) -> dict[str, Any]:
    if role["name"] != "admin":
        return role
    lost = set(removed(role["scopes"]))
    return {**role, "scopes": [scope for scope in role["scopes"] if scope not in lost]}


def removed(scopes: list[str]) -> Iterator[str]:
    """Yield the scopes that give access to any user's server."""
    for scope in scopes:
        if scope == ISSUING or ENTRY in _expanded(scope):
            yield scope


def _expanded(scope: str) -> Iterator[str]:
    """Yield `scope` and all scopes that it includes."""
    from jupyterhub.scopes import scope_definitions

    yield scope
    for inner in scope_definitions[scope].get("subscopes", ()):
        yield from _expanded(inner)


def _keep_for_services(c: Config, scopes: list[str]) -> None:
    """Keep the scopes of services with `admin: true`; the setting only affects people."""
    hub = c.JupyterHub
    services = [service["name"] for service in hub.get("services", ()) if service.get("admin")]
    if services:
        hub.load_roles = [
            *hub.get("load_roles", ()),
            {"name": SERVICES_ROLE, "services": services, "scopes": scopes},
        ]
