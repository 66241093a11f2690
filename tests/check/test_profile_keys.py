"""Keys of profiles that nothing reads, above all those that were meant to be rules."""

from __future__ import annotations

from typing import Any

import pytest

from z2jh_hub.check.rules import profiles
from z2jh_hub.config.errors import Problem
from z2jh_hub.config.values import Values

OPTION = {"display_name": "Size", "choices": {"small": {"display_name": "Small"}}}


def found(profile: dict[str, Any], **hub: Any) -> list[Problem]:
    entry = {"display_name": "Plain", **profile}
    values = Values({"singleuser": {"profileList": [entry]}, "hub": hub})
    return [each for each in profiles.findings(values) if each.rule == "profile-key"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("allowed_group", "allowed_groups"),
        ("allowedGroups", "allowed_groups"),
        ("allowed_teams", "allowed_groups"),
        ("alowed_users", "allowed_users"),
        ("allow", "allowed_groups"),
        ("groups", "allowed_groups"),
        ("users", "allowed_users"),
    ],
)
@pytest.mark.parametrize("part", ["profile", "option", "choice", "unlisted"])
def test_a_misspelled_rule_is_an_error_at_its_line(key: str, hint: str, part: str) -> None:
    entry = {key: ["staff"]}
    profile: dict[str, Any] = {
        "profile": entry,
        "option": {"profile_options": {"size": {**OPTION, **entry}}},
        "choice": {"profile_options": {"size": {"choices": {"small": entry}}}},
        "unlisted": {
            "profile_options": {"size": {**OPTION, "unlisted_choice": {"enabled": True, **entry}}}
        },
    }[part]
    (problem,) = found(profile)
    assert problem.severity == "error"
    assert problem.key.endswith(f".{key}")
    assert f"did you mean {hint}" in problem.hint
    assert "closed to all users" in problem.message


def test_a_rule_in_an_override_is_an_error() -> None:
    (problem,) = found({"kubespawner_override": {"image": "x:1", "allowed_groups": ["staff"]}})
    assert "move it out of kubespawner_override" in problem.hint


def test_other_keys_that_nothing_reads_are_errors() -> None:
    assert "did you mean kubespawner_override" in found({"kubespawner_overide": {}})[0].hint
    assert found({"image": "x:1"})[0].severity == "error"


def test_keys_that_work_are_not_reported() -> None:
    unlisted = {
        "enabled": True, "display_name": "Own", "display_name_in_choices": "Other",
        "validation_regex": ".", "validation_message": "m", "kubespawner_override": {"image": "x"},
    }  # fmt: skip
    option = {
        "display_name": "Image",
        "dynamic_image_building": {"enabled": True},
        "choices": {"a": {"display_name": "A", "default": True, "description": "d"}},
        "unlisted_choice": unlisted,
    }
    whole = {
        "slug": "p", "description": "d", "default": True, "allowed_groups": [],
        "kubespawner_override": {"allow_privilege_escalation": True, "supplemental_gids": [1]},
        "profile_options": {"image": option},
    }  # fmt: skip
    assert found(whole) == []


def test_keys_that_a_snippet_reads_are_not_reported() -> None:
    reading = {"own": "def mine(s):\n    return [p for p in ALL if p['allowed_teams']]\n"}
    assert found({"allowed_teams": ["a"], "icon": "x"}, extraConfig=reading)[0].key.endswith("icon")
    writing = {"own": "c.KubeSpawner.profile_list = [{'allowed_teams': ['a']}]\n"}
    assert found({"allowed_teams": ["a"]}, extraConfig=writing)
    template = {"form": {"stringData": "{{ profile.icon }}"}}
    assert found({"icon": "x"}, extraFiles=template) == []
