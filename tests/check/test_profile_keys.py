"""Keys of profiles that nothing reads, above all those that were meant to be rules."""

from __future__ import annotations

from typing import Any

import pytest

from z2jh_hub.check.rules import profiles, traits
from z2jh_hub.config.errors import Problem
from z2jh_hub.config.values import Values

OPTION = {"display_name": "Size", "choices": {"small": {"display_name": "Small"}}}


def result(profile: dict[str, Any], **hub: Any) -> list[Problem]:
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
    (problem,) = result(profile)
    assert problem.severity == "error"
    assert problem.key.endswith(f".{key}")
    assert f"did you mean {hint}" in problem.hint
    assert "closed to all users" in problem.message


def test_a_rule_in_an_override_is_an_error() -> None:
    (problem,) = result({"kubespawner_override": {"image": "x:1", "allowed_groups": ["staff"]}})
    assert "move it out of kubespawner_override" in problem.hint


@pytest.mark.parametrize(
    ("part", "key", "place"),
    [
        ("profile", "image", "kubespawner_override.image"),
        ("profile", "lifecycleHooks", "kubespawner_override.lifecycle_hooks"),
        ("profile", "extraEnv", "kubespawner_override.environment"),
        ("profile", "image_spec", "kubespawner_override.image"),
        ("profile", "memory", "kubespawner_override.mem_limit"),
        ("profile", "tolerations", "kubespawner_override.tolerations"),
        ("profile", "choices", "profile_options.NAME"),
        ("profile", "unlisted_choice", "profile_options.NAME"),
        ("option", "kubespawner_override", "choices.KEY"),
        ("option", "default", "choices.KEY"),
        ("option", "cpu_limit", "choices.KEY.kubespawner_override.cpu_limit"),
        ("option", "validation_regex", "unlisted_choice"),
        ("choice", "mem_guarantee", "kubespawner_override.mem_guarantee"),
        ("choice", "slug", "the profile itself"),
        ("choice", "profile_options", "the profile itself"),
        ("unlisted", "environment", "kubespawner_override.environment"),
        ("unlisted", "choices", "the option"),
    ],
)
def test_a_key_at_the_wrong_place_is_reported_with_its_place(part, key, place) -> None:
    entry = {key: {"a": {}}}
    profile: dict[str, Any] = {
        "profile": entry,
        "option": {"profile_options": {"size": {**OPTION, **entry}}},
        "choice": {"profile_options": {"size": {"choices": {"small": entry}}}},
        "unlisted": {
            "profile_options": {"size": {**OPTION, "unlisted_choice": {"enabled": True, **entry}}}
        },
    }[part]
    (problem,) = result(profile)
    assert problem.severity == "warning"
    assert "belongs under" in problem.message
    assert problem.hint == f"move it to {place}"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("default", "move it out of kubespawner_override"),
        ("display_name", "move it out of kubespawner_override"),
        ("profile_options", "move it out of kubespawner_override"),
        ("choices", "move it to profile_options.NAME"),
        ("extraEnv", "did you mean KubeSpawner.environment?"),
        ("lifecycleHooks", "did you mean KubeSpawner.lifecycle_hooks?"),
        ("memory", "did you mean KubeSpawner.mem_limit?"),
    ],
)
def test_a_key_that_is_no_override_is_reported_with_its_place(key, hint) -> None:
    profile = {"display_name": "A", "kubespawner_override": {key: "x"}}
    values = Values({"singleuser": {"profileList": [profile]}})
    (problem,) = traits.findings(values)
    assert (problem.severity, problem.hint) == ("warning", hint)


@pytest.mark.parametrize(
    ("key", "near"),
    [("kubespawner_overide", "kubespawner_override"), ("slugg", "slug"),
     ("discription", "description"), ("profile_option", "profile_options"),
     ("displayName", "display_name")],
)  # fmt: skip
def test_a_misspelled_key_is_reported_with_the_right_one(key, near) -> None:
    (problem,) = result({key: {}})
    assert (problem.severity, problem.hint) == ("warning", f"did you mean {near}?")


def test_own_form_may_read_other_keys() -> None:
    hub = {"config": {"KubeSpawner": {"profile_form_template": "<b>"}}}
    assert result({"color": "red"}, **hub) == []
    assert len(result({"mem_limit": "1G"}, **hub)) == 1
    assert len(result({"color": "red"})) == 1


@pytest.mark.parametrize("reads", ['profile["color"]', "profile.get('color')"])
def test_a_key_that_python_reads_is_not_reported(reads) -> None:
    assert result({"color": "red"}, extraConfig={"a": f"f = lambda profile: {reads}"}) == []


def test_a_trait_that_python_sets_is_reported_outside_an_override() -> None:
    assert (
        len(result({"environment": {}}, extraConfig={"a": "c.KubeSpawner.environment = {}"})) == 1
    )
