"""Profiles, quotas and failure messages: traits of existing and future spawners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...config.errors import MISSING, Problem
from ...config.keys import resolved
from ...config.values import Values
from .parts import Trait

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config


def _class(hub: JupyterHub) -> Any:
    return hub.spawner_class


def _spawners(hub: JupyterHub) -> list[Any]:
    """Return the spawners in memory. Others are created from the configuration on demand."""
    return [each for user in hub.users.values() for each in user.spawners.values()]


def _has_profiles(spawner: Any) -> bool:
    has_profiles: bool = spawner.has_trait("profile_list")
    return has_profiles


def of_spawners(trait: str, *keys: str) -> Trait:
    """Return the part for a trait of all spawners."""
    return Trait(keys, trait, of=_class, objects=_spawners)


@dataclass(frozen=True)
class Profiles(Trait):
    """The list of profiles, and the form that shows it."""

    def problems(self, hub: JupyterHub, values: Values, c: Config) -> Iterator[Problem]:
        """Report a list that KubeSpawner cannot read."""
        # imported here: it imports KubeSpawner, which comparing configurations does not need
        from ...spawner import upstream

        configured = self.configured(hub, values, c)
        profiles = [] if configured is MISSING else upstream.profiles_of(configured)
        for number, profile in enumerate(profiles):
            try:
                upstream.initialize_profile(profile)
            except KeyError as missing:
                yield self.problem(
                    values, f"profile {number} has no {missing.args[0]}", "a name for each profile"
                )
            except Exception as error:
                yield self.problem(values, f"profile {number} cannot be read: {error}")

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        super().change(hub, values, c)
        if resolved(hub.spawner_class, hub.config, "options_form") is not MISSING:
            return
        for spawner in filter(_has_profiles, _spawners(hub)):
            # whether there is a form depends on whether there are profiles
            spawner.options_form = spawner.trait_defaults("options_form")


PROFILES = Profiles(
    ("singleuser.profileList", "hub.config.KubeSpawner.profile_list"),
    "profile_list",
    of=_class,
    objects=_spawners,
)
