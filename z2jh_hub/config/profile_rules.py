"""Access rules of profiles: `allowed_groups` and `allowed_users`.

A profile, an option, a choice and an `unlisted_choice` may each have both keys. With either, only
the listed users and members of the groups may use it; with neither, everyone may. Invalid rules
deny access: no user may use a profile with a misspelled or malformed rule until it is fixed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .suggestions import closest

RULES = ("allowed_groups", "allowed_users")

# read by KubeSpawner, this project's form and that of jupyterhub-fancy-profiles
PROFILE_KEYS = (
    "display_name", "slug", "description", "default", "kubespawner_override", "profile_options",
    *RULES,
)  # fmt: skip
OPTION_KEYS = (
    "display_name", "description", "choices", "unlisted_choice", "dynamic_image_building", *RULES,
)  # fmt: skip
CHOICE_KEYS = ("display_name", "description", "default", "kubespawner_override", *RULES)
UNLISTED_KEYS = (
    "enabled", "display_name", "display_name_in_choices", "description", "description_in_choices",
    "validation_regex", "validation_message", "kubespawner_override", *RULES,
)  # fmt: skip

# words that only access rules contain
_PEOPLE = frozenset({"group", "groups", "member", "members", "team", "teams", "user", "users"})
_CLOSE = 0.7  # minimum similarity of a misspelled name

Path = tuple[str, ...]


@dataclass(frozen=True)
class Mistake:
    """An invalid part of a profile, with its path in the profile."""

    path: Path
    message: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        end = f" ({self.hint})" if self.hint else ""
        return f"{'.'.join(self.path)}: {self.message}; expected: {self.expected}{end}"


@dataclass(frozen=True)
class Part:
    """A profile, or a part of one that can have rules, with its path in the profile."""

    path: Path
    entry: Mapping[str, Any]
    keys: tuple[str, ...]


def closest_rule(key: Any) -> str | None:
    """Return the rule that the unknown key `key` probably misspells, or None."""
    text = str(key)
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower())
    flat = "".join(words)
    if close := closest(flat, RULES, _CLOSE):
        return close
    if _PEOPLE.intersection(words):
        return RULES["user" in flat]
    return RULES[0] if flat.startswith("allow") else None


def parts(profile: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the profile, its options, their choices and unlisted choices."""
    yield Part((), profile, PROFILE_KEYS)
    for name, option in _mappings(profile.get("profile_options")):
        at = ("profile_options", name)
        yield Part(at, option, OPTION_KEYS)
        for key, choice in _mappings(option.get("choices")):
            yield Part((*at, "choices", key), choice, CHOICE_KEYS)
        unlisted = option.get("unlisted_choice")
        if isinstance(unlisted, Mapping):
            yield Part((*at, "unlisted_choice"), unlisted, UNLISTED_KEYS)


def mistakes(profile: Any, own_keys: Collection[str] = ()) -> Iterator[Mistake]:
    """Yield the mistakes that make the rules of a profile invalid.

    `own_keys` are additional keys that the deployment's code reads.
    """
    if not isinstance(profile, Mapping):
        yield Mistake((), "invalid profile", "a mapping with display_name")
        return
    if not profile.get("display_name") and not profile.get("slug"):
        yield Mistake(("display_name",), "missing; every profile needs a name", "display_name")
    yield from _shapes(profile)
    for part in parts(profile):
        yield from _rule_mistakes(part)
        for key in part.entry:
            if key not in part.keys and key not in own_keys and (rule := closest_rule(key)):
                yield _misspelled((*part.path, str(key)), rule)
        yield from _misplaced(part, own_keys)
        yield from _pattern_mistakes(part)


def _shapes(profile: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the parts that are not mappings; they may contain a rule."""
    options = profile.get("profile_options")
    yield from _not_mapping(("profile_options",), options)
    for name, option in options.items() if isinstance(options, Mapping) else ():
        at = ("profile_options", str(name))
        yield from _not_mapping(at, option)
        if isinstance(option, Mapping):
            yield from _not_mapping((*at, "unlisted_choice"), option.get("unlisted_choice"))
            choices = option.get("choices")
            yield from _not_mapping((*at, "choices"), choices)
            for key, choice in choices.items() if isinstance(choices, Mapping) else ():
                yield from _not_mapping((*at, "choices", str(key)), choice)


def _not_mapping(path: Path, value: Any) -> Iterator[Mistake]:
    if value is not None and not isinstance(value, Mapping):
        yield Mistake(path, "not a mapping", "a mapping")


def _rule_mistakes(part: Part) -> Iterator[Mistake]:
    for rule in RULES:
        if rule not in part.entry:
            continue
        names = part.entry[rule]
        is_list = isinstance(names, list | tuple | set | frozenset)
        if not is_list or not all(isinstance(name, str) for name in names):
            what = rule.removeprefix("allowed_")
            yield Mistake(
                (*part.path, rule), f"not a list of {what}", f"a list of {what}",
                hint=hint(rule, names),
            )  # fmt: skip


def hint(rule: str, names: Any) -> str:
    """Return how to correct a rule that is not a list of names."""
    if names is None:
        return "to let everyone use it, remove the key; [] lets no one use it"
    return f"write {rule}: [{names}]" if isinstance(names, str) else ""


def _misspelled(path: Path, rule: str) -> Mistake:
    return Mistake(
        path, "unknown key that looks like an access rule",
        f"one of {', '.join(RULES)}", hint=f"did you mean {rule}?",
    )  # fmt: skip


def _misplaced(part: Part, own_keys: Collection[str]) -> Iterator[Mistake]:
    """Yield rules inside `kubespawner_override`, where they have no effect."""
    override = part.entry.get("kubespawner_override")
    for key in override if isinstance(override, Mapping) else ():
        flat = re.sub("[^a-z]", "", str(key).lower())
        if key not in own_keys and (flat in ("groups", "users") or closest(flat, RULES, _CLOSE)):
            yield Mistake(
                (*part.path, "kubespawner_override", str(key)),
                "an access rule has no effect in kubespawner_override",
                "a trait of KubeSpawner",
                hint=f"move it out of kubespawner_override and call it {closest_rule(key)}",
            )


def _pattern_mistakes(part: Part) -> Iterator[Mistake]:
    pattern = part.entry.get("validation_regex") if part.keys is UNLISTED_KEYS else None
    if pattern is None:
        return
    path, expected = (*part.path, "validation_regex"), "a Python regular expression"
    if not isinstance(pattern, str):
        yield Mistake(path, "invalid regular expression", expected)
        return
    try:
        re.compile(pattern)
    except re.error as error:
        yield Mistake(path, f"invalid regular expression: {error.msg}", expected)


def allows(entry: Mapping[str, Any], user: str, groups: frozenset[str]) -> bool:
    """Whether the valid rules of an entry allow a user who is in `groups`."""
    rules = [entry.get(rule) for rule in RULES]
    if rules == [None, None]:
        return True
    return not groups.isdisjoint(rules[0] or ()) or user in (rules[1] or ())


def permitted(
    profiles: Iterable[Mapping[str, Any]],
    user: str,
    groups: frozenset[str],
    own_keys: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return copies of the profiles that a user may start, with their allowed options and choices.

    Options without an allowed choice are removed.
    """
    return [
        _permitted_parts(without_nulls(profile), user, groups)
        for profile in profiles
        if not any(mistakes(profile, own_keys)) and allows(profile, user, groups)
    ]


def _permitted_parts(profile: dict[str, Any], user: str, groups: frozenset[str]) -> dict[str, Any]:
    options = {}
    for name, option in (profile.get("profile_options") or {}).items():
        if not allows(option, user, groups):
            continue
        choices = option.get("choices") or {}
        allowed = {key: choice for key, choice in choices.items() if allows(choice, user, groups)}
        unlisted = option.get("unlisted_choice") or {}
        if not allows(unlisted, user, groups):
            unlisted = {**unlisted, "enabled": False}
        if allowed or unlisted.get("enabled"):
            options[name] = {**option, "choices": allowed, "unlisted_choice": unlisted}
    return {**profile, "profile_options": options} if "profile_options" in profile else profile


def without_nulls(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile for KubeSpawner: without null keys, and with null choices as empty ones."""
    result = _without_null_keys(profile)
    result.setdefault("display_name", result.get("slug"))
    options = {}
    for name, option in (result.get("profile_options") or {}).items():
        option = options[name] = _without_null_keys(option or {})
        option.setdefault("display_name", name)
        choices = option.get("choices")
        if choices is not None:
            option["choices"] = {
                key: {"display_name": str(key), **_without_null_keys(choice or {})}
                for key, choice in choices.items()
            }
        if "unlisted_choice" in option:
            option["unlisted_choice"] = _without_null_keys(option["unlisted_choice"])
    if "profile_options" in result:
        result["profile_options"] = options
    return result


def _without_null_keys(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, entry in value.items() if isinstance(value, Mapping) else ():
        if isinstance(entry, Mapping):
            yield str(key), entry
