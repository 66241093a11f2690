"""Report profiles, options and choices in `singleuser.profileList` that do not work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.profile_rules import PROFILE_KEYS, RULES, mistakes, parts
from ...config.snippets import own_keys
from ...config.values import Values
from .. import profile_places, queries
from ..classes import Classes


def findings(values: Values) -> Iterator[Problem]:
    """Yield missing and duplicate names, several defaults, and options that nobody can choose."""
    slugs: dict[str, Path] = {}
    defaults: list[Path] = []
    known = Classes(values)
    for path, profile in queries.profiles(values):
        yield from _of_keys(values, known, path, profile)
        yield from _of_profile(values, path, profile, slugs)
        yield from _of_flag(values, path, profile, "default")
        if profile.get("default"):
            defaults.append(path)
        for at, option in queries.options(path, profile):
            yield from _of_option(values, at, option)
    for path in defaults[1:]:
        yield values.problem(
            (*path, "default"),
            f"only the first default is used, {'.'.join(defaults[0])}",
            expected="one default profile",
            rule="profile-default",
            severity="warning",
        )


def _of_profile(
    values: Values, path: Path, profile: dict[str, Any], slugs: dict[str, Path]
) -> Iterator[Problem]:
    if not profile.get("display_name"):
        yield values.problem(
            (*path, "display_name"), "the profile has no name, so KubeSpawner cannot show it",
            given=MISSING, expected="display_name", rule="profile",
        )  # fmt: skip
        return
    if profile.keys() - (set(PROFILE_KEYS) - set(RULES)):
        return  # rules or a snippet may offer each user only one of the profiles with this slug
    slug = profile.get("slug", _slug(str(profile["display_name"])))
    first = slugs.setdefault(str(slug), path)
    if first != path:
        yield values.problem(
            (*path, "slug" if "slug" in profile else "display_name"),
            f"{'.'.join(first)} has the slug {slug} as well, so nobody can choose this profile",
            expected="a different slug, or a different display_name to derive it from",
            rule="profile-slug",
        )


def _of_keys(
    values: Values, known: Classes, path: Path, profile: dict[str, Any]
) -> Iterator[Problem]:
    """Yield invalid rules, and other keys that nothing reads."""
    read, code = own_keys(values), queries.code(values)
    reported = set()
    for mistake in mistakes(profile, read):
        if mistake.path == ("display_name",) or mistake.path[-1:] == ("validation_regex",):
            continue  # reported below
        at = (*path, *mistake.path)
        reported.add(at)
        if mistake.path[-1] in RULES and "kubespawner_override" not in mistake.path:
            continue  # the hub itself reports these (sections/singleuser_profile_list.py)
        yield values.problem(
            at, f"{mistake.message}; this profile is closed to all users until you fix it",
            expected=mistake.expected, hint=mistake.hint, rule="profile-key",
        )  # fmt: skip
    for part in parts(profile):
        for key in part.entry:
            at = (*path, *part.path, str(key))
            if key in part.keys or at in reported or key in read:
                continue
            of_spawner = profile_places.trait_of(known, str(key)) == key
            if (f'"{key}"' in code or f"'{key}'" in code) and (
                not of_spawner or _reads_profiles(code)
            ):
                continue  # Python may read it
            where, advice = profile_places.place(known, part.keys, str(key))
            if not advice and _has_own_form(values):
                continue
            yield values.problem(
                at, f"`{key}` has no effect here; it belongs under {where}" if where else
                "nothing reads this key", expected=f"one of {', '.join(part.keys)}",
                hint=advice, rule="profile-key", severity="warning",
            )  # fmt: skip


def _reads_profiles(code: str) -> bool:
    """Return whether Python refers to the profiles, and not only to traits of the spawner."""
    return "profile_list" in code or "profileList" in code


def _has_own_form(values: Values) -> bool:
    """Return whether a custom profile form is set, which may read any key."""
    spawner = queries.mapping(values, "hub.config.KubeSpawner")
    return any(
        spawner.get(trait)
        for trait in ("profile_form_template", "additional_profile_form_template_paths")
    )


def _of_flag(values: Values, path: Path, entry: dict[str, Any], key: str) -> Iterator[Problem]:
    if not isinstance(entry.get(key), bool | int | None):
        yield values.problem(
            (*path, key), "invalid value: KubeSpawner treats any text as true",
            expected="true or false, without quotes", rule="value", severity="warning",
        )  # fmt: skip


def _slug(name: str) -> str:
    from slugify import slugify  # KubeSpawner's own

    return str(slugify(name))


def _of_option(values: Values, path: Path, option: dict[str, Any]) -> Iterator[Problem]:
    choices = queries.as_mapping(option.get("choices"))
    unlisted = queries.as_mapping(option.get("unlisted_choice"))
    yield from _of_names(values, path, option, choices)
    if not choices and not unlisted.get("enabled"):
        yield values.problem(
            path, "the option has nothing to choose from", given=MISSING,
            expected="choices, or unlisted_choice with enabled: true", rule="profile-option",
        )  # fmt: skip
    elif not choices:
        yield values.problem(
            path, "the option has no default choice, so a server started without the form fails",
            given=MISSING, expected="at least one choice", rule="profile-option",
            severity="warning",
        )  # fmt: skip
    named = {key: choice for key, choice in choices.items() if isinstance(choice, dict)}
    for key, choice in named.items():
        yield from _of_flag(values, (*path, "choices", key), choice, "default")
    defaults = [key for key, choice in named.items() if choice.get("default")]
    for key in defaults[1:]:
        yield values.problem(
            (*path, "choices", key, "default"),
            f"only the first default is used, {defaults[0]}",
            expected="one default choice", rule="profile-default", severity="warning",
        )  # fmt: skip
    if unlisted:
        yield from _of_unlisted(values, (*path, "unlisted_choice"), unlisted)


def _of_names(
    values: Values, path: Path, option: dict[str, Any], choices: dict[str, Any]
) -> Iterator[Problem]:
    """Yield the option and the choices that the form shows without a name."""
    own = [(path, option, "the option")]
    own += [((*path, "choices", key), choice, f"the choice {key}")
            for key, choice in choices.items() if isinstance(choice, dict)]  # fmt: skip
    for at, entry, what in own:
        if not entry.get("display_name") and not _has_own_form(values):
            yield values.problem(
                at, f"{what} has no name, so the form shows an empty one", given=MISSING,
                expected="display_name", rule="profile-option", severity="warning",
            )  # fmt: skip


def _of_unlisted(values: Values, path: Path, unlisted: dict[str, Any]) -> Iterator[Problem]:
    yield from _of_flag(values, path, unlisted, "enabled")
    if unlisted.get("kubespawner_override") and not unlisted.get("enabled"):
        yield values.problem(
            path, "nobody can choose this, because it is not enabled", given=MISSING,
            expected="enabled: true", rule="profile-option", severity="warning",
        )  # fmt: skip
    pattern = unlisted.get("validation_regex")
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error as error:
            yield values.problem(
                (*path, "validation_regex"), f"invalid regular expression: {error.msg}",
                expected="a Python regular expression", rule="profile-option",
            )  # fmt: skip
