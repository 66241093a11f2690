"""What of a change a running hub takes over: decided without one, from its configuration."""

from __future__ import annotations

from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.auth import DummyAuthenticator
from kubespawner import KubeSpawner

from z2jh_hub import configure
from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.config.snippets import Snippet
from z2jh_hub.config.values import Values
from z2jh_hub.hub.reload.decision import Decision, Rules, decide

DEFAULTS = sources.parse(chart_files.read("values.yaml"), "values.yaml").data


def values(given: dict[str, Any]) -> Values:
    return Values(sources.merge_as_helm(DEFAULTS, given))


class Hub(JupyterHub):
    """As much of a hub as is asked."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.authenticator = DummyAuthenticator()
        self._service_map = {"jupyterhub-idle-culler": None}

    @classmethod
    def section_names(cls) -> list[str]:
        return ["JupyterHub"]


def decided(
    old: dict[str, Any], new: dict[str, Any], asked: tuple[str, ...] = (), code: str = ""
) -> Decision:
    before = values(old)
    c, _ = configure.plain(before)
    c.JupyterHub.spawner_class = KubeSpawner
    exec(code, {"c": c})
    rules = Rules(
        before,
        {tuple(key.split(".")) for key in asked},
        configure.problems,
        configure.plain,
        (Snippet("a", code, "<a>"),),
    )
    return decide(Hub(c), rules, before, values(new))


def taken(found: Decision) -> set[str]:
    return {part.trait or part.keys[0].partition(".")[0] for part in found.parts}


@pytest.mark.parametrize(
    ("new", "parts", "held"),
    [
        ({"ingress": {"annotations": {"a": "b"}}}, set(), set()),
        ({"custom": {"word": "b"}}, set(), set()),
        ({"cull": {"timeout": 60}}, {"cull"}, set()),
        ({"cull": {"users": True}}, set(), {"cull.users"}),
        ({"hub": {"baseUrl": "/a/"}, "cull": {"every": 60}}, {"cull"}, {"hub.baseUrl"}),
        ({"hub": {"extraConfig": {"a": "x = 1"}}}, set(), {"hub.extraConfig.a"}),
        ({"auth": {"admin": {"users": ["ada"]}}}, {"admin_users"}, set()),
        ({"hub": {"config": {"GitHubOAuthenticator": {"allowed_users": ["a"]}}}}, set(), set()),
        ({"hub": {"config": {"Authenticator": {"auto_login": True}}}}, set(),
         {"hub.config.Authenticator.auto_login"}),
        # each of these two alone changes nothing
        ({"imagePullSecret": {"create": True, "automaticReferenceInjection": True}}, set(),
         {"imagePullSecret.create", "imagePullSecret.automaticReferenceInjection"}),
    ],
)  # fmt: skip
def test_what_is_taken_over_and_what_waits(
    new: dict[str, Any], parts: set[str], held: set[str]
) -> None:
    injection = {"create": False, "automaticReferenceInjection": False}
    found = decided({"imagePullSecret": injection}, {"imagePullSecret": injection, **new})
    assert taken(found) == parts
    assert {".".join(path) for path in found.postponed} == held
    for path in found.postponed:
        assert found.values.get(path) == values({"imagePullSecret": injection}).get(path)


PROFILES = {"singleuser": {"profileList": [{"display_name": "A"}]}}


@pytest.mark.parametrize(
    ("asked", "code", "is_taken"),
    [
        ((), "", True),
        (("singleuser.profileList",), "", False),
        (("singleuser",), "", False),
        (("singleuser.profileList.0.slug",), "", False),
        (("singleuser.image",), "", True),
        ((), "c.KubeSpawner.profile_list = [{'display_name': 'B'}]", False),
        ((), "c.KubeSpawner.update({'profile' + '_list': [1]})", False),
        ((), "names = c.KubeSpawner.get('profile_list', [])", False),
        ((), "def later(spawner):\n    return spawner.profile_list", True),
        ((), "c.Spawner.args = ['x']", True),
    ],
)
def test_code_that_has_a_hand_in_a_value_keeps_it(
    asked: tuple[str, ...], code: str, is_taken: bool
) -> None:
    found = decided({}, PROFILES, asked, code)
    assert taken(found) == ({"profile_list"} if is_taken else set())
    assert set(found.postponed) == (set() if is_taken else {("singleuser", "profileList")})
