"""Reload who may log in and who is an administrator: traits of the authenticator, and the database.

The database changes as in a restart, because JupyterHub's own steps at startup are repeated. As
after a restart, a user who is removed from the list of administrators stays an administrator until
the admin page changes that.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...config.errors import MISSING, Problem
from ...config.keys import resolved
from ...config.login_traits import CREATED_USERS, READ_AT_LOGIN
from ...config.values import Values
from .parts import Trait

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config

BLOCKED = "Your account is blocked. Ask the administrators of this JupyterHub why."


@dataclass(frozen=True)
class Login(Trait):
    """A trait of the authenticator."""

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """Report a value that the trait rejects, or an invalid user name."""
        wrong = list(super().problems(hub, values, c))
        yield from wrong
        names = self.configured(hub, values, c)
        if wrong or names is MISSING or self.trait not in CREATED_USERS:
            return
        authenticator = hub.authenticator
        for name in names:
            if not isinstance(name, str) or not authenticator.validate_username(
                authenticator.normalize_username(name)
            ):
                yield self.problem(values, f"{name!r} cannot be a user's name", "names of users")

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        super().change(hub, values, c)
        # its default depends on whether there is a list of allowed users
        other, authenticator = "allow_existing_users", hub.authenticator
        if self.trait == "allowed_users" and (
            resolved(type(authenticator), c, other) is MISSING
            and resolved(type(authenticator), hub.config, other) is MISSING
        ):
            authenticator.allow_existing_users = authenticator.trait_defaults(other)


async def settle(hub: JupyterHub) -> None:
    """Repeat what JupyterHub does for users when it starts."""
    hub.load_roles = deepcopy(_roles(hub))  # the next steps add administrators to it
    await hub.init_users()
    await hub.init_role_assignment()
    await hub.init_blocked_users()
    for settings in (hub.tornado_settings, hub.tornado_application.settings):
        settings["admin_users"] = hub.authenticator.admin_users
    await _stop_blocked(hub)


def _roles(hub: JupyterHub) -> Any:
    roles = resolved(type(hub), hub.config, "load_roles")
    return [] if roles is MISSING else roles


async def _stop_blocked(hub: JupyterHub) -> None:
    # imported here: they import JupyterHub, which comparing configurations does not need
    from jupyterhub.spawner import SpawnException

    from .. import counted_failures

    for user in list(hub.users.values()):
        if user.name not in hub.authenticator.blocked_users:
            continue
        for name, spawner in list(user.spawners.items()):
            if spawner.pending == "spawn":
                hub.log.warning("Stopping %s of a blocked user while it starts", spawner._log_name)
                await counted_failures.end(
                    user, name, SpawnException(BLOCKED, reason="blocked", status_code=403)
                )
            if spawner.ready:
                hub.log.warning("Stopping %s of a blocked user", spawner._log_name)
                await hub.proxy.delete_user(user, name)
                await user.stop(name)


PARTS = tuple(
    Login(
        (f"hub.config.*.{trait}",),
        trait,
        settle,
        of=lambda hub: type(hub.authenticator),
        objects=lambda hub: [hub.authenticator],
    )
    for trait in READ_AT_LOGIN
)
