"""Profiles for some: a KubeSpawner that holds users to the rules in profiles (`profile_rules`).

It does so for the form, links, the REST API, remembered options and named servers alike. A
`profile_list` that is a function decides itself who is offered what: deployments filter by
these very keys in their own way. Rules in what it returns must still be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from inspect import isawaitable
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.spawner import SpawnException
from jupyterhub.utils import maybe_future
from kubespawner import KubeSpawner
from slugify import slugify
from traitlets import List, Unicode, default

from ..config.profile_rules import Mistake, mistakes, permitted, without_nulls
from . import user_options
from .user_options import clip

TEMPLATES = Path(__file__).parent / "templates"
UNLISTED = "--unlisted-choice"


class ProfileRefused(SpawnException, ValueError):  # type: ignore[misc]
    """A choice that this user does not have.

    A ValueError too: KubeSpawner's form goes back to its defaults on one.
    """

    def __init__(self, message: str, status_code: int = 403):
        SpawnException.__init__(self, message, reason="profile", status_code=status_code)
        self.jupyterhub_message = message  # which JupyterHub shows on its pages


class GroupedProfiles(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose profiles may be for some users only."""

    own_profile_keys = List(
        Unicode(),
        config=True,
        help="Keys of profiles that the deployment's own code reads and that would otherwise be "
        "taken for misspelled rules, such as allowed_teams. Default: those that snippets of "
        "hub.extraConfig read.",
    )
    #: the slug of the profile that this server was last started with
    profile_slug = ""
    _refused = False
    #: every profile of this user, permitted or not, as it was last looked at
    _all_profiles: tuple[Mapping[str, Any], ...] = ()
    _reported: ClassVar[set[str]] = set()

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

    @default("apply_user_options")
    def _default_apply_user_options(self) -> Any:
        # KubeSpawner applies them in `start`; without any, JupyterHub logs all their names
        return lambda spawner, options: None

    def run_options_from_form(self, form_data: dict[str, Any]) -> Any:
        user_options.check_fields(form_data)
        return super().run_options_from_form(form_data)

    def options_from_query(self, query_data: dict[str, Any]) -> Any:
        user_options.check_fields(query_data)
        return super().options_from_query(query_data)

    def _options_from_form(self, formdata: dict[str, Any]) -> Any:
        known = {
            name: values
            for name, values in formdata.items()
            if name == "profile" or name.startswith("profile-option-")
        }
        if ignored := sorted(formdata.keys() - known.keys()):
            # KubeSpawner logs them whole
            self.log.warning(
                "Ignoring %s unknown fields of the form for %s: %s",
                len(ignored),
                self._log_name,
                clip(", ".join(ignored), 200),
            )
        return super()._options_from_form(known)

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

    def _get_initialized_profile_list(self, profile_list: Any) -> Any:
        profiles = self._sorted_dict_values(profile_list)
        if not profiles:
            return profiles
        understood = [without_nulls(each) for each in profiles if self._is_understood(each)]
        self._all_profiles = tuple(_with_slugs(profiles))
        if callable(self.profile_list):
            kept = understood
        else:
            kept = permitted(understood, self.user.name, self.group_names, self.own_profile_keys)
        if kept:
            return super()._get_initialized_profile_list(kept)
        if not understood:
            raise ProfileRefused(
                "No server can be started: the rules about who may use which profile have "
                "mistakes. Tell the administrators of this JupyterHub."
            )
        raise ProfileRefused(
            "None of the profiles is for you: each is for certain groups or users. You are in "
            f"{_named(self.group_names)}. Ask the administrators of this JupyterHub for one."
        )

    def _is_understood(self, profile: Any) -> bool:
        """Whether the rules of a profile can be followed; logs what cannot, once."""
        problems = list(mistakes(profile, self.own_profile_keys))
        for problem in problems:
            self._report(profile, problem)
        return not problems

    def _report(self, profile: Any, problem: Mistake) -> None:
        name = _name(profile) if isinstance(profile, Mapping) else clip(profile)
        message = f"The profile {name} is closed to all users until this is fixed: {problem}"
        if message not in self._reported:
            self._reported.add(message)
            self.log.error("%s", message)

    def _validate_user_options(self, profile_list: list[dict[str, Any]]) -> None:
        options = self.user_options or {}
        user_options.check(options)
        if profile_list:
            slug = options.get("profile")
            if slug is not None and not isinstance(slug, str):
                raise ProfileRefused("The option profile must be text: a profile's name.", 400)
            self._check_choices(self._chosen(slug, profile_list), options)
        super()._validate_user_options(profile_list)

    def _chosen(self, slug: str | None, profile_list: list[dict[str, Any]]) -> dict[str, Any]:
        """The profile of this start. Raises ProfileRefused where this user does not have it."""
        found = [each for each in profile_list if each["slug"] == slug]
        if found or not slug:
            return found[0] if found else self._get_profile(None, profile_list)
        hidden = [each for each in self._all_profiles if each.get("slug") == slug]
        if any(list(mistakes(each, self.own_profile_keys)) for each in hidden):
            raise ProfileRefused(
                f"The profile {_name(hidden[0])} is closed: its rules about who may use it have "
                "a mistake. Tell the administrators of this JupyterHub."
            )
        offered = ", ".join(f"{each['display_name']} ({each['slug']})" for each in profile_list)
        raise ProfileRefused(
            f"The profile {clip(slug)} is not offered to you. Choose one of: {clip(offered, 500)}."
        )

    def _check_choices(self, profile: dict[str, Any], options: Mapping[str, Any]) -> None:
        name, own = profile["display_name"], profile.get("profile_options") or {}
        whole = [each for each in self._all_profiles if each.get("slug") == profile["slug"]]
        for key, option in _options_of(whole):
            label = (option or {}).get("display_name", key)
            chosen, typed = options.get(key), options.get(f"{key}{UNLISTED}")
            for value in (chosen, typed):
                if value is not None and not isinstance(value, str):
                    raise ProfileRefused(f"The choice for {label} must be text.", 400)
            if key not in own and (chosen or typed):
                raise ProfileRefused(f"{label} cannot be chosen by you in the profile {name}.")
            if key in own:
                _check_choice(label, name, own[key], chosen, typed)

    @property
    def typed_choices(self) -> dict[str, str]:
        """What this server's user typed instead of choosing, by the name of the option."""
        return {
            key.removesuffix(UNLISTED): value
            for key, value in (self.user_options or {}).items()
            if key.endswith(UNLISTED) and isinstance(value, str) and value
        }


def _check_choice(
    label: str, profile: str, option: Mapping[str, Any], chosen: Any, typed: Any
) -> None:
    """Raise ProfileRefused where an option has no such choice, or nothing such can be typed."""
    choices, unlisted = option.get("choices") or {}, option.get("unlisted_choice") or {}
    if typed:
        if not unlisted.get("enabled"):
            raise ProfileRefused(
                f"You cannot type a choice of your own for {label} in the profile {profile}."
            )
        pattern = unlisted.get("validation_regex")
        if pattern and not re.match(pattern, typed):
            why = unlisted.get("validation_message") or "Type it in the form that is asked for."
            raise ProfileRefused(f"{clip(typed)} cannot be used for {label}. {why}", 400)
    elif chosen:
        if chosen not in choices:
            raise ProfileRefused(
                f"The choice {clip(chosen)} of {label} is not offered to you in the profile "
                f"{profile}."
            )
    elif not choices:
        raise ProfileRefused(f"Type what you want for {label} in the profile {profile}.", 400)


def _with_slugs(profiles: list[Any]) -> Iterator[Mapping[str, Any]]:
    """The profiles with the slugs that KubeSpawner gives to those without one."""
    for profile in profiles:
        if isinstance(profile, Mapping):
            name = profile.get("display_name")
            made = slugify(str(name)) if name else None
            slug = profile.get("slug")
            yield {**profile, "slug": made if slug is None else slug}


def _options_of(profiles: list[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for profile in profiles:
        options = profile.get("profile_options")
        yield from options.items() if isinstance(options, Mapping) else ()


def _name(profile: Mapping[str, Any]) -> str:
    return clip(str(profile.get("display_name") or profile.get("slug") or "without a name"))


def _named(groups: frozenset[str]) -> str:
    if not groups:
        return "no group"
    return ("the group " if len(groups) == 1 else "the groups ") + ", ".join(sorted(groups))
