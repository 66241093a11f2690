"""Which changes a running hub applies, decided from its configuration, without a hub."""

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


def values(data: dict[str, Any]) -> Values:
    return Values(sources.merge_as_helm(DEFAULTS, data))


class Hub(JupyterHub):
    """The part of a hub that the decision uses."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.authenticator = DummyAuthenticator()
        self._service_map = {"jupyterhub-idle-culler": None}

    @classmethod
    def section_names(cls) -> list[str]:
        return ["JupyterHub"]


def decided(
    old: dict[str, Any], new: dict[str, Any], keys_read: tuple[str, ...] = (), code: str = ""
) -> Decision:
    before = values(old)
    c, _ = configure.plain(before)
    c.JupyterHub.spawner_class = KubeSpawner
    exec(code, {"c": c})
    rules = Rules(
        before,
        {tuple(key.split(".")) for key in keys_read},
        configure.problems,
        configure.plain,
        (Snippet("a", code, "<a>"),),
    )
    return decide(Hub(c), rules, before, values(new))


def taken(decision: Decision) -> set[str]:
    return {part.trait or part.keys[0].partition(".")[0] for part in decision.parts}


@pytest.mark.parametrize(
    ("new", "parts", "postponed"),
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
        # neither of these two has an effect alone
        ({"imagePullSecret": {"create": True, "automaticReferenceInjection": True}}, set(),
         {"imagePullSecret.create", "imagePullSecret.automaticReferenceInjection"}),
    ],
)  # fmt: skip
def test_changes_are_applied_or_postponed(
    new: dict[str, Any], parts: set[str], postponed: set[str]
) -> None:
    injection = {"create": False, "automaticReferenceInjection": False}
    decision = decided({"imagePullSecret": injection}, {"imagePullSecret": injection, **new})
    assert taken(decision) == parts
    assert {".".join(path) for path in decision.postponed} == postponed
    for path in decision.postponed:
        assert decision.values.get(path) == values({"imagePullSecret": injection}).get(path)


PROFILES = {"singleuser": {"profileList": [{"display_name": "A"}]}}


@pytest.mark.parametrize(
    ("keys_read", "code", "is_taken"),
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
def test_value_that_code_uses_is_postponed(
    keys_read: tuple[str, ...], code: str, is_taken: bool
) -> None:
    decision = decided({}, PROFILES, keys_read, code)
    assert taken(decision) == ({"profile_list"} if is_taken else set())
    assert set(decision.postponed) == (set() if is_taken else {("singleuser", "profileList")})
