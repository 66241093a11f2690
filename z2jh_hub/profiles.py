"""Profiles for some: `allowed_groups` and `allowed_users` in entries of a profile list.

An entry, or a choice of one of its options, that has either key is for the members of the
groups and the users named, and for nobody else; one that has neither is for everybody. It
holds for the form, the REST API and named servers alike. A `profile_list` that is a function
decides for itself: deployments filter by these very keys in their own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.utils import maybe_future
from kubespawner import KubeSpawner
from traitlets import default

TEMPLATES = Path(__file__).parent / "templates"


class ProfileRefused(SpawnException, ValueError):  # type: ignore[misc]
    """A choice that this user does not have.

    A ValueError too: KubeSpawner's form goes back to its defaults on one.
    """

    def __init__(self, message: str):
        SpawnException.__init__(self, message, reason="profile", status_code=403)


def allows(entry: Mapping[str, Any], user: str, groups: frozenset[str]) -> bool:
    """Whether an entry or a choice is for a user who is in `groups`."""
    rules = entry.get("allowed_groups"), entry.get("allowed_users")
    if rules == (None, None):
        return True
    return not groups.isdisjoint(rules[0] or ()) or user in (rules[1] or ())


def permitted(
    profiles: list[dict[str, Any]], user: str, groups: frozenset[str]
) -> list[dict[str, Any]]:
    """The entries that a user may have, each with the choices that they may have.

    An option without a choice left is left out; so is a default that is not theirs.
    """
    return [
        {**profile, "profile_options": _options(profile["profile_options"], user, groups)}
        if profile.get("profile_options")
        else profile
        for profile in profiles
        if allows(profile, user, groups)
    ]


def _options(options: Mapping[str, Any], user: str, groups: frozenset[str]) -> dict[str, Any]:
    found = {}
    for name, option in options.items():
        choices = option.get("choices") or {}
        kept = {key: choice for key, choice in choices.items() if allows(choice, user, groups)}
        if kept or (option.get("unlisted_choice") or {}).get("enabled"):
            found[name] = {**option, "choices": kept}
    return found


class GroupedProfiles(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose profiles may be for some users only."""

    #: the slug of the profile that this server was last started with
    profile_slug = ""
    _refused = False

    @property
    def group_names(self) -> frozenset[str]:
        """The groups of this server's user, as JupyterHub knows them now."""
        return frozenset(group.name for group in self.user.groups)

    @default("options_form")
    def _options_form_default(self) -> Any:
        # made anew for each visit: groups change while the hub runs
        return self._render_options_form_dynamically if self.profile_list else ""

    async def _render_options_form_dynamically(self, current_spawner: Any) -> Any:
        profiles = self._sorted_dict_values(self.profile_list)
        if callable(profiles):
            profiles = await maybe_future(profiles(current_spawner))
        return self._render_options_form(profiles)

    def _render_options_form(self, profile_list: Any) -> str:
        # KubeSpawner shows its template the profiles, and nothing else
        form: str = super()._render_options_form(profile_list)
        for name, html in self.form_parts().items():
            form = form.replace(f"<!-- {name} -->", html)
        return form

    def form_parts(self) -> dict[str, str]:
        """HTML for the form, by the name of the place in it."""
        return {}

    @default("additional_profile_form_template_paths")
    def _default_template_paths(self) -> list[str]:
        return [str(TEMPLATES)]

    def run_pre_spawn_hook(self) -> Any:
        """The administrator's hook; then refuse what this user may not have.

        KubeSpawner itself looks at the options in `start`, when the request that asked for the
        server has been answered already. So has JupyterHub once anything is awaited here.
        """
        hook = super().run_pre_spawn_hook()
        if isawaitable(hook) or callable(self.profile_list):
            return self._check_later(hook)
        return self._check(self._sorted_dict_values(self.profile_list))

    async def _check_later(self, hook: Any) -> None:
        await maybe_future(hook)
        profiles = self._sorted_dict_values(self.profile_list)
        self._check(await maybe_future(profiles(self)) if callable(profiles) else profiles)

    def _check(self, profile_list: list[dict[str, Any]]) -> None:
        self._refused = True
        self.check_start(profile_list)
        self._refused = False

    async def poll(self) -> Any:
        """As KubeSpawner's, but without a question where no pod was asked for.

        JupyterHub polls what it may not start; where that takes a moment, it counts an error.
        """
        return 0 if self._refused else await super().poll()

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        """Raises SpawnException where this server is not to be started."""
        profiles = self._get_initialized_profile_list(profile_list)
        self._validate_user_options(profiles)
        chosen = (self.user_options or {}).get("profile")
        self.profile_slug = self._get_profile(chosen, profiles)["slug"] if profiles else ""

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        return {**state, "profile": self.profile_slug} if self.profile_slug else state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.profile_slug = state.get("profile", "")

    def _get_initialized_profile_list(self, profile_list: list[dict[str, Any]]) -> Any:
        if profile_list and not callable(self.profile_list):
            kept = permitted(profile_list, self.user.name, self.group_names)
            if not kept:
                raise ProfileRefused(
                    "None of the servers offered here is for you: each is for some groups or "
                    f"users. You are in {_named(self.group_names)}. Ask the administrators of "
                    "this hub for one."
                )
            profile_list = kept
        return super()._get_initialized_profile_list(profile_list)

    def _validate_user_options(self, profile_list: list[dict[str, Any]]) -> None:
        slug = (self.user_options or {}).get("profile")
        if slug and profile_list:
            self._refuse_unknown(slug, profile_list)
        super()._validate_user_options(profile_list)

    def _refuse_unknown(self, slug: str, profile_list: list[dict[str, Any]]) -> None:
        profile = next((each for each in profile_list if each["slug"] == slug), None)
        if profile is None:
            offered = ", ".join(each["slug"] for each in profile_list)
            raise ProfileRefused(f"The profile {slug} is not offered to you. There are: {offered}.")
        for name, option in (profile.get("profile_options") or {}).items():
            choice = self.user_options.get(name)
            if choice and choice not in (option.get("choices") or {}):
                raise ProfileRefused(
                    f"The choice {choice} of {name} is not offered to you in the profile {slug}."
                )


def _named(groups: frozenset[str]) -> str:
    if not groups:
        return "no group"
    return ("the group " if len(groups) == 1 else "the groups ") + ", ".join(sorted(groups))
