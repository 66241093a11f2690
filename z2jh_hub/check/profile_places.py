"""Find where a key of a profile belongs that nothing reads in its place."""

from __future__ import annotations

from functools import cache

from ..config import configuration
from ..config.profile_rules import CHOICE_KEYS, OPTION_KEYS, PROFILE_KEYS, UNLISTED_KEYS
from ..config.suggestions import closest, hint, letters
from .classes import Classes

SPAWNER = "KubeSpawner"
OVERRIDE = "kubespawner_override"
_CLOSE = 0.8
# keys of the chart and of pods that are not one-to-one with a trait
_WORDS = {"memory": "mem_limit", "mem": "mem_limit", "ram": "mem_limit", "cpu": "cpu_limit",
          "env": "environment", "image_name": "image", "image_tag": "image",
          "gpu": "extra_resource_limits", "resources": "mem_limit", "command": "cmd",
          "storage": "storage_capacity"}  # fmt: skip
_OF_PROFILE, _OF_OPTION = "the profile itself", "profile_options.NAME"
_OF_CHOICE, _OF_UNLISTED = "choices.KEY", "unlisted_choice"
# in a part of a profile, where its keys of other parts belong
_ELSEWHERE = {
    PROFILE_KEYS: {**dict.fromkeys(UNLISTED_KEYS, f"{_OF_OPTION}.{_OF_UNLISTED}"),
                   **dict.fromkeys(OPTION_KEYS, _OF_OPTION)},
    OPTION_KEYS: {**dict.fromkeys(PROFILE_KEYS, _OF_PROFILE),
                  **dict.fromkeys(UNLISTED_KEYS, _OF_UNLISTED),
                  **dict.fromkeys(CHOICE_KEYS, _OF_CHOICE)},
    CHOICE_KEYS: {**dict.fromkeys(UNLISTED_KEYS, f"the option's {_OF_UNLISTED}"),
                  **dict.fromkeys(PROFILE_KEYS, _OF_PROFILE),
                  **dict.fromkeys(OPTION_KEYS, "the option")},
    UNLISTED_KEYS: {**dict.fromkeys(PROFILE_KEYS, _OF_PROFILE),
                    **dict.fromkeys(OPTION_KEYS, "the option"),
                    **dict.fromkeys(CHOICE_KEYS, "the option's choices.KEY")},
}  # fmt: skip


def place(known: Classes, keys: tuple[str, ...], key: str) -> tuple[str, str]:
    """Return (where `key` belongs, a hint); `keys` are those of the part that has it.

    The first is empty if `key` is probably a misspelled key of its own part.
    """
    if near := closest(key, keys, _CLOSE):
        return "", hint(near)
    if trait := trait_of(known, key):
        below = f"{_OF_CHOICE}.{OVERRIDE}" if keys is OPTION_KEYS else OVERRIDE
        return below, f"move it to {below}.{trait}"
    if where := _ELSEWHERE[keys].get(key):
        return where, f"move it to {where}"
    return "", hint(closest(key, keys))


def of_override(key: str) -> tuple[str, str]:
    """Return the same for a key of `kubespawner_override` that is not a trait."""
    if key in (*PROFILE_KEYS, *CHOICE_KEYS):
        return f"the level of {OVERRIDE}", f"move it out of {OVERRIDE}"
    if key in OPTION_KEYS:
        return _OF_OPTION, f"move it to {_OF_OPTION}"
    return "", ""


def trait_of(known: Classes, key: str) -> str:
    """Return the trait of KubeSpawner that `key` probably means; empty if there is none."""
    traits = known.traits(SPAWNER)
    same = [trait for trait in traits if letters(trait) == letters(key)]
    current = known.current_name(SPAWNER, key)
    if current.startswith(f"{SPAWNER}."):
        return current.removeprefix(f"{SPAWNER}.")
    return same[0] if same else _WORDS.get(key, _of_chart().get(key, ""))


@cache
def _of_chart() -> dict[str, str]:
    """Return the keys of `singleuser` that set a trait of KubeSpawner, with that trait."""
    rows = [key for section in configuration.sections() for key in getattr(section, "KEYS", ())]
    return {
        row.path.removeprefix("singleuser."): row.trait.removeprefix(f"{SPAWNER}.")
        for row in rows
        if row.path.startswith("singleuser.") and row.trait.startswith(f"{SPAWNER}.")
    }
