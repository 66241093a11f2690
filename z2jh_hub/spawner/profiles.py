"""Offer each user only the profiles that the rules in them allow (`config.profile_rules`).

The rules apply to the form, links, the REST API, remembered options and named servers. If
`profile_list` is a function, it decides itself which profiles a user gets, because deployments
filter by the same keys in their own way; a profile whose rules have mistakes is still closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import isawaitable
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.utils import maybe_future
from kubespawner import KubeSpawner
from slugify import slugify
from traitlets import List, Unicode, default

from ..config.profile_rules import Mistake, mistakes, permitted, without_nulls
from . import amounts, user_options
from .profile_choices import (
    ProfileRefused,
    check_choices,
    typed_choices,
    without_unused_fields,
)
from .texts import text
from .user_options import clip

FORM_TEXTS = ("choose_profile", "search")
TEMPLATES = Path(__file__).parent / "templates"


class GroupedProfiles(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose profiles may be limited to some users."""

    own_profile_keys = List(
        Unicode(),
        config=True,
        help="Keys of profiles that the deployment's own code reads, such as allowed_teams. Other "
        "unknown keys that resemble a rule are errors. Default: the keys that snippets of "
        "hub.extraConfig read.",
    )
    #: the slug of the profile that this server was last started with
    profile_slug = ""
    _refused = False
    #: every profile, including those that are not for this user, as of the last check
    _all_profiles: tuple[Mapping[str, Any], ...] = ()
    _reported: ClassVar[set[str]] = set()

    @property
    def group_names(self) -> frozenset[str]:
        """The current groups of this server's user."""
        return frozenset(group.name for group in self.user.groups)

    @default("options_form")
    def _options_form_default(self) -> Any:
        # rendered on each visit, because groups change while the hub runs
        return self._render_options_form_dynamically if self.profile_list else ""

    async def _render_options_form_dynamically(self, current_spawner: Any) -> Any:
        profiles = self._sorted_dict_values(self.profile_list)
        if callable(profiles):
            profiles = await maybe_future(profiles(current_spawner))
        return self._render_options_form(profiles)

    def _render_options_form(self, profile_list: Any) -> str:
        # KubeSpawner passes only the profiles to its template
        form: str = super()._render_options_form(self.with_notes(profile_list))
        for name, html in self.form_parts().items():
            form = form.replace(f"<!-- {name} -->", html)
        return form

    def with_notes(self, profile_list: Any) -> Any:
        """Return the profiles with what the form says about each of them."""
        return [
            {**each, "badges": amounts.of_profile(each, self.texts)}
            if isinstance(each, Mapping)
            else each
            for each in self._sorted_dict_values(profile_list)
        ]

    @property
    def texts(self) -> Any:
        """The texts of the pages that the deployment overrides: see `texts`."""
        # without a hub, as in `z2jh preview`, a user has no settings
        settings = getattr(self.user, "settings", None) or {}
        return (settings.get("template_vars") or {}).get("texts")

    def profile_name(self, slug: str) -> str:
        """Return the name of a profile as users know it; its slug if there is none."""
        names = [each.get("display_name") for each in self._all_profiles if each["slug"] == slug]
        return str(names[0] or slug) if names else slug

    def form_parts(self) -> dict[str, str]:
        """Return HTML for the form, by the name of the comment that it replaces."""
        shown = {f"text {name}": text(name, self.texts) for name in FORM_TEXTS}
        # filled in by the form's script
        status = text("search_found", self.texts, number="{number}", total="{total}")
        return {**shown, "text search_found": status}

    @default("additional_profile_form_template_paths")
    def _default_template_paths(self) -> list[str]:
        return [str(TEMPLATES)]

    @default("apply_user_options")
    def _default_apply_user_options(self) -> Any:
        # KubeSpawner applies the options in `start`; by default, JupyterHub logs their names
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
        chosen = without_unused_fields(known)
        if ignored := sorted(formdata.keys() - known.keys()):
            # KubeSpawner would log them in full
            self.log.warning(
                "Ignoring %s unknown fields of the form for %s: %s",
                len(ignored), self._log_name, clip(", ".join(ignored), 200),
            )  # fmt: skip
        return super()._options_from_form(chosen)

    def run_pre_spawn_hook(self) -> Any:
        """Run the administrator's hook; then refuse a start that this user may not have.

        KubeSpawner itself checks the options in `start`, after the request for the server has been
        answered. JupyterHub answers it as soon as this method awaits anything, so this is a
        coroutine only if it has to be.
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
        """Return KubeSpawner's exit status; 0, without a request, if the start was refused.

        JupyterHub polls a server that it could not start, and counts an error if that takes long.
        """
        return 0 if self._refused else await super().poll()

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        """Raise SpawnException if this server must not be started."""
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
        self._all_profiles = tuple(with_slugs(profiles))
        if callable(self.profile_list):
            offered = understood
        else:
            offered = permitted(understood, self.user.name, self.group_names, self.own_profile_keys)
        if offered:
            return super()._get_initialized_profile_list(offered)
        if not understood:
            raise ProfileRefused(
                "No server can be started: the rules about who may use which profile have "
                "mistakes. Contact the administrators of this JupyterHub."
            )
        raise ProfileRefused(
            "No profile is available to you: each is limited to certain groups or users. You are "
            f"in {_group_list(self.group_names)}. Ask the administrators of this JupyterHub for "
            "access."
        )

    def _is_understood(self, profile: Any) -> bool:
        """Return whether the rules of a profile have no mistakes; log each mistake once."""
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
                raise ProfileRefused("The option profile must be text: the name of a profile.", 400)
            check_choices(self._chosen(slug, profile_list), self._all_profiles, options)
        super()._validate_user_options(profile_list)

    def _chosen(self, slug: str | None, profile_list: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the chosen profile. Raises ProfileRefused if it is not available to this user."""
        matching = [each for each in profile_list if each["slug"] == slug]
        if matching or not slug:
            return matching[0] if matching else self._get_profile(None, profile_list)
        hidden = [each for each in self._all_profiles if each.get("slug") == slug]
        if any(list(mistakes(each, self.own_profile_keys)) for each in hidden):
            raise ProfileRefused(
                f"The profile {_name(hidden[0])} is closed: its rules about who may use it have "
                "a mistake. Contact the administrators of this JupyterHub."
            )
        offered = ", ".join(f"{each['display_name']} ({each['slug']})" for each in profile_list)
        raise ProfileRefused(
            f"The profile {clip(slug)} is not available to you. Choose one of: "
            f"{clip(offered, 500)}."
        )

    @property
    def typed_choices(self) -> dict[str, str]:
        """What this server's user typed instead of choosing, by the name of the option."""
        return typed_choices(self.user_options or {})


def with_slugs(profiles: list[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the profiles with slugs: their own, or the ones that KubeSpawner derives."""
    for profile in profiles:
        if isinstance(profile, Mapping):
            name = profile.get("display_name")
            derived = slugify(str(name)) if name else None
            slug = profile.get("slug")
            yield {**profile, "slug": derived if slug is None else slug}


def _name(profile: Mapping[str, Any]) -> str:
    return clip(str(profile.get("display_name") or profile.get("slug") or "without a name"))


def _group_list(groups: frozenset[str]) -> str:
    if not groups:
        return "no group"
    return ("the group " if len(groups) == 1 else "the groups ") + ", ".join(sorted(groups))
