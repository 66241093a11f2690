"""Check what a user chose among the options of a profile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jupyterhub.spawner import SpawnException

from .user_options import clip

UNLISTED = "--unlisted-choice"
OTHER = "unlisted-choice"  # the choice of the form for which a text is typed


class ProfileRefused(SpawnException, ValueError):  # type: ignore[misc]
    """A choice that is not available to this user.

    Also a ValueError: on one, KubeSpawner's form returns to its defaults.
    """

    def __init__(self, message: str, status_code: int = 403):
        SpawnException.__init__(self, message, reason="profile", status_code=status_code)
        self.jupyterhub_message = message  # which JupyterHub shows on its pages


def typed_choices(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what a user typed instead of choosing, by the name of the option."""
    return {
        key.removesuffix(UNLISTED): value
        for key, value in options.items()
        if key.endswith(UNLISTED) and isinstance(value, str) and value
    }


def without_unused_fields(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the fields of a form without texts that were typed for a choice other than `OTHER`.

    The form sends a choice and a text for each option that may be typed.
    """
    unused = set()
    for name, values in form.items():
        if f"{name}{UNLISTED}" in form:
            unused.add(name if values == [OTHER] else f"{name}{UNLISTED}")
    return {name: values for name, values in form.items() if name not in unused}


def check_choices(
    profile: Mapping[str, Any],
    unfiltered: Iterable[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> None:
    """Raise ProfileRefused if `options` has a choice that `profile` does not offer to this user.

    `profile` has the choices that this user has, and `unfiltered` is the list of all profiles with
    all of their choices.
    """
    name, offered = profile["display_name"], profile.get("profile_options") or {}
    same = [each for each in unfiltered if each.get("slug") == profile["slug"]]
    for key, option in _options_of(same):
        label = (option or {}).get("display_name", key)
        chosen, typed = options.get(key), options.get(f"{key}{UNLISTED}")
        for value in (chosen, typed):
            if value is not None and not isinstance(value, str):
                raise ProfileRefused(f"The choice for {label} must be text.", 400)
        if key not in offered and (chosen or typed):
            raise ProfileRefused(f"{label} is not available to you in the profile {name}.")
        if key in offered:
            _check_choice(label, name, offered[key], chosen, typed)


def _check_choice(
    label: str, profile: str, option: Mapping[str, Any], chosen: Any, typed: Any
) -> None:
    """Raise ProfileRefused if an option has no such choice, or no such text can be typed."""
    choices, unlisted = option.get("choices") or {}, option.get("unlisted_choice") or {}
    if typed:
        if not unlisted.get("enabled"):
            raise ProfileRefused(
                f"You cannot type your own choice for {label} in the profile {profile}."
            )
        pattern = unlisted.get("validation_regex")
        if pattern and not re.match(pattern, typed):
            why = unlisted.get("validation_message") or "Type it in the expected form."
            raise ProfileRefused(f"{clip(typed)} cannot be used for {label}. {why}", 400)
    elif unlisted.get("enabled") and (chosen == OTHER or (not chosen and typed is not None)):
        raise ProfileRefused(f"Type a value for {label} in the profile {profile}.", 400)
    elif chosen:
        if chosen not in choices:
            raise ProfileRefused(
                f"The choice {clip(chosen)} of {label} is not available to you in the profile "
                f"{profile}."
            )
    elif not choices:
        raise ProfileRefused(f"Type a value for {label} in the profile {profile}.", 400)


def _options_of(profiles: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for profile in profiles:
        options = profile.get("profile_options")
        yield from options.items() if isinstance(options, Mapping) else ()
