"""Profiles for some: on the form, through the API, for named servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from z2jh_hub.config.profile_rules import permitted
from z2jh_hub.config.values import Values
from z2jh_hub.spawner.profiles import ProfileRefused

SIZES = {
    "display_name": "Size",
    "choices": {
        "small": {"display_name": "Small", "kubespawner_override": {"cpu_limit": 1}},
        "huge": {"display_name": "Huge", "allowed_groups": ["staff"]},
    },
}
PROFILES: list[dict[str, Any]] = [
    {"display_name": "Plain", "slug": "plain", "profile_options": {"size": SIZES}},
    {
        "display_name": "GPU",
        "slug": "gpu",
        "allowed_groups": ["staff"],
        "allowed_users": ["bo"],
        "kubespawner_override": {"image": "cuda:1"},
    },
]


def slugs(profiles: list[dict[str, Any]]) -> list[str]:
    return [profile["slug"] for profile in profiles]


@pytest.mark.parametrize(
    ("user", "groups", "offered"),
    [
        ("ada", (), ["plain"]),
        ("ada", ("staff",), ["plain", "gpu"]),
        ("ada", ("students",), ["plain"]),
        ("bo", (), ["plain", "gpu"]),
    ],
)
def test_who_is_offered_what(user: str, groups: tuple[str, ...], offered: list[str]) -> None:
    assert slugs(permitted(PROFILES, user, frozenset(groups))) == offered


def test_choices_of_an_option_are_for_some_too() -> None:
    def choices(*groups: str) -> list[str]:
        (plain, *_) = permitted(PROFILES, "ada", frozenset(groups))
        return list(plain["profile_options"]["size"]["choices"])

    assert choices() == ["small"]
    assert choices("staff") == ["small", "huge"]
    assert "huge" in SIZES["choices"]  # what was given stays as it was


async def test_an_empty_list_of_groups_is_for_nobody(spawner: Callable[..., Any]) -> None:
    nobody = [{"display_name": "Closed", "slug": "closed", "allowed_groups": []}]
    with pytest.raises(ProfileRefused, match=r"You are in the group staff\."):
        await spawner("ada", "staff", profile_list=nobody).load_user_options()


async def test_what_is_allowed_is_applied(spawner: Callable[..., Any]) -> None:
    server = spawner("bo", profile_list=PROFILES, options={"profile": "gpu"})
    await server.load_user_options()
    assert server.image == "cuda:1"


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        (
            {"profile": "gpu"},
            "The profile gpu is not available to you. Choose one of: Plain (plain).",
        ),
        ({"profile": "plain", "size": "huge"}, "The choice huge of Size is not available to you"),
        ({"profile": "none-such"}, "Choose one of: Plain (plain)."),
    ],
)
async def test_the_api_is_refused_what_the_form_does_not_show(
    spawner: Callable[..., Any], options: dict[str, str], reported: str
) -> None:
    server = spawner("ada", profile_list=PROFILES, options=options)
    with pytest.raises(ProfileRefused) as refused:
        server.run_pre_spawn_hook()
    with pytest.raises(ProfileRefused):
        await server.load_user_options()
    assert reported in refused.value.message
    assert refused.value.status_code == 403


async def test_the_profile_is_known_after_the_hub_was_restarted(
    spawner: Callable[..., Any],
) -> None:
    server, again = spawner("ada", profile_list=PROFILES), spawner("ada", profile_list=PROFILES)
    server.run_pre_spawn_hook()
    again.load_state(server.get_state())
    assert again.profile_slug == "plain"  # the default, which nobody chose


async def test_a_function_decides_for_itself(spawner: Callable[..., Any]) -> None:
    server = spawner("ada", profile_list=lambda _: PROFILES, options={"profile": "gpu"})
    await server.load_user_options()
    assert server.image == "cuda:1"


async def test_the_form_follows_the_groups_while_the_hub_runs(spawner: Callable[..., Any]) -> None:
    server = spawner("ada", profile_list=PROFILES)
    assert "GPU" not in await server.get_options_form()
    server.user.groups = spawner("x", "staff").user.groups
    assert "GPU" in await server.get_options_form()


async def test_the_form_remembers_the_last_choice_where_it_is_still_offered(
    spawner: Callable[..., Any],
) -> None:
    form = await spawner("bo", profile_list=PROFILES, options={"profile": "gpu"}).get_options_form()
    assert 'value="gpu" checked' in form
    form = await spawner(
        "ada", profile_list=PROFILES, options={"profile": "gpu"}
    ).get_options_form()
    assert 'value="plain" checked' in form


async def test_what_a_user_typed_is_no_template_and_no_html(spawner: Callable[..., Any]) -> None:
    image = {"display_name": "Image", "unlisted_choice": {"enabled": True, "display_name": "Own"}}
    profiles = [{"display_name": "P", "slug": "p", "profile_options": {"image": image}}]
    typed = '{{ 7 * 7 }}{% x %}"><script>'
    options = {"profile": "p", "image--unlisted-choice": typed}
    form = await spawner("ada", profile_list=profiles, options=options).get_options_form()
    value = form.partition(' name="profile-option-p--image--unlisted-choice" value="')[2]
    value = value.partition('"')[0]
    assert not set("{}%<") & set(value)
    assert "7 * 7" in value


@pytest.mark.parametrize(
    ("entry", "reported"),
    [
        ({"allowed_groups": ["staff"]}, []),
        ({"allowed_groups": [], "allowed_users": ["ada"]}, []),
        ({"allowed_groups": ["stuff", "staff"]}, ["the group stuff is not defined"]),
        ({"allowed_groups": ["stuff"]}, ["nobody may use this: "]),
        ({"allowed_groups": []}, ["nobody may use this"]),
        ({"allowed_users": []}, ["nobody may use this"]),
        ({"allowed_groups": "staff"}, ["not a list of names"]),
        ({"allowed_groups": None}, ["not a list of names"]),
    ],
)
def test_profile_that_nobody_may_use_is_reported(
    entry: dict[str, Any], reported: list[str]
) -> None:
    from z2jh_hub.config.sections import singleuser_profile_list

    choices = {"size": {"choices": {"huge": entry}}}
    profiles = [{"display_name": "Plain", "profile_options": choices}, entry]
    config = {"JupyterHub": {"load_groups": {"staff": {}}}}
    values = Values({"singleuser": {"profileList": profiles}, "hub": {"config": config}})
    result = list(singleuser_profile_list.problems(values))
    places = [problem.key.rpartition(".")[0] for problem in result]
    expected = ["0.profile_options.size.choices.huge"] * len(reported) + ["1"] * len(reported)
    assert [place.removeprefix("singleuser.profileList.") for place in places] == expected
    assert all(reported[i % len(reported)] in problem.message for i, problem in enumerate(result))


WITH_RULES = {
    "display_name": "Rules",
    "slug": "rules",
    "profile_options": {
        "gpu": {"display_name": "GPU", "allowed_groups": ["staff"], "choices": {"a100": {}}},
        "image": {
            "display_name": "Image",
            "choices": {"usual": {}},
            "unlisted_choice": {
                "enabled": True,
                "allowed_users": ["bo"],
                "kubespawner_override": {"image": "{value}"},
            },
        },
    },
}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"gpu": "a100"}, "GPU is not available to you in the profile Rules"),
        ({"image--unlisted-choice": "x:1"}, "cannot type your own choice for Image"),
    ],
)
async def test_rules_of_an_option_and_of_what_can_be_typed_are_enforced(
    spawner: Callable[..., Any], chosen: dict[str, str], message: str
) -> None:
    options = {"profile": "rules", **chosen}
    server = spawner("ada", profile_list=[WITH_RULES], options=options)
    with pytest.raises(ProfileRefused, match=message):
        server.run_pre_spawn_hook()
    with pytest.raises(ProfileRefused, match=message):
        await server.load_user_options()
    # the same words in a link and in the form, which do not offer it
    form = await server.get_options_form()
    assert "GPU" not in form
    assert "unlisted-choice" not in form.partition("<script>")[0]
    fields = {"profile": ["rules"]} | {
        f"profile-option-rules--{name}": [value] for name, value in chosen.items()
    }
    for read in (server.run_options_from_form, server.options_from_query):
        server.user_options = read(fields)
        with pytest.raises(ProfileRefused, match=message):
            server.run_pre_spawn_hook()
    allowed = spawner("bo", "staff", profile_list=[WITH_RULES], options=options)
    await allowed.load_user_options()
    assert "GPU" in await allowed.get_options_form()


MISTAKES: list[dict[str, Any]] = [
    {"allowed_group": ["staff"]},
    {"allowedGroups": ["staff"]},
    {"groups": ["staff"]},
    {"users": ["bo"]},
    {"allowed_teams": ["staff"]},
    {"allowed_users": "ada"},
    {"allowed_groups": "staff"},
    {"allowed_users": {"ada": True}},
    {"allowed_users": [1]},
    {"allowed_groups": None},
    {"kubespawner_override": {"allowed_users": ["bo"]}},
    {"profile_options": {"allowed_groups": ["staff"]}},
    {"profile_options": {"size": {"choices": {"allowed_groups": ["staff"]}}}},
    {"profile_options": {"size": {"allow_users": ["bo"], "choices": {"a": {}}}}},
    {"profile_options": {"size": {"choices": {"a": {"allowed_group": ["staff"]}}}}},
    {"profile_options": {"size": {"unlisted_choice": {"enabled": True, "users": ["bo"]}}}},
    {"profile_options": {"size": {"unlisted_choice": {"enabled": True, "validation_regex": "("}}}},
]


@pytest.mark.parametrize("from_function", [False, True])
@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_rule_that_is_not_understood_closes_its_profile(
    spawner: Callable[..., Any], mistake: dict[str, Any], from_function: bool
) -> None:
    gpu = {"display_name": "GPU", "slug": "gpu", **mistake}
    profiles = [PROFILES[0], gpu]
    given: Any = (lambda _: profiles) if from_function else profiles
    for user in ("ad", "ada", "bo", "s"):
        server = spawner(user, "staff", "s", profile_list=given, options={"profile": "gpu"})
        with pytest.raises(ProfileRefused, match="The profile GPU is closed: its rules") as refused:
            await server.load_user_options()
        assert refused.value.status_code == 403
        assert "GPU" not in await server.get_options_form()
        other = spawner(user, profile_list=given, options={"profile": "plain"})
        await other.load_user_options()


async def test_a_key_that_the_deployment_reads_closes_nothing(spawner: Callable[..., Any]) -> None:
    gpu = [{"display_name": "GPU", "slug": "gpu", "allowed_teams": ["a"]}]
    server = spawner("ada", profile_list=gpu, own_profile_keys=["allowed_teams"])
    await server.load_user_options()


async def test_the_mistake_is_logged_once_with_its_place(
    spawner: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    gpu = {"display_name": "Logged", "slug": "gpu", "allowed_group": ["staff"]}
    for _ in range(2):
        await spawner("ada", profile_list=[PROFILES[0], gpu]).load_user_options()
    (message,) = [each.getMessage() for each in caplog.records if "Logged" in each.getMessage()]
    assert "allowed_group: unknown key" in message
    assert "did you mean allowed_groups?" in message


def test_a_real_hub_refuses_a_named_server_and_goes_on(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    values = {
        "hub": {"allowNamedServers": True, "consecutiveFailureLimit": 2},
        "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
    }
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        for _ in range(3):
            status, answer = hub.api("users/ada/servers/second", "POST", {"profile": "gpu"})
            assert status == 403
            assert "not available to you" in answer["message"]
        hub.api("groups/staff", "POST")
        hub.api("groups/staff/users", "POST", {"users": ["ada"]})
        assert hub.api("users/ada/servers/second", "POST", {"profile": "gpu"})[0] in (201, 202)
