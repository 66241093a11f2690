"""Templates of names that two servers share; templates that keep them apart are not reported."""

from __future__ import annotations

import pytest
from kubespawner import KubeSpawner

from z2jh_hub.check.rules.names import SERVERS, USERS, collision, expand, findings
from z2jh_hub.config.values import Values

NAMED = ("", *SERVERS)


@pytest.mark.parametrize(
    ("template", "pair"),
    [
        ("claim-{username}{servername}", {("al", "ice"), ("alice", "")}),
        ("claim-{username}-{servername}", {("al", "ice"), ("al-ice", "")}),
        ("claim-{escaped_username}-{escaped_servername}", {("al", "2dice"), ("al-ice", "")}),
        ("claim-{unescaped_username}--{unescaped_servername}", {("al", "ice"), ("al--ice", "")}),
        ("jupyter-{username}", {("al", ""), ("al", "ice")}),
        ("jupyter-{userid}", {("al", ""), ("al", "ice")}),
        ("jupyter-{servername}", {("al", ""), ("alice", "")}),
        ("everybody", {("al", ""), ("al", "ice")}),
    ],
)
def test_two_servers_of_one_name_are_named(template, pair):
    result = collision(template, NAMED)
    assert result is not None
    assert {(user, server) for user, _, server in result[:2]} == pair


@pytest.mark.parametrize(
    "template",
    [
        "claim-{user_server}",
        "jupyter-{safe_user_server}",
        "jupyter-{username}--{servername}",
        "{hubnamespace}-{user_server}-{userid}",
        "jupyter-{userid}-{username}--{servername}",
        "claim-{escaped_user_server}",
        "claim-{no_such_field}",
        "claim-{",
    ],
)
def test_templates_that_keep_servers_apart_are_quiet(template):
    assert collision(template, NAMED) is None


@pytest.mark.parametrize(
    "template",
    ["claim-{username}", "claim-{userid}", "claim-{unescaped_username}", "claim-{escaped_username}",
     "claim-{username}{servername}"],
)  # fmt: skip
def test_without_named_servers_the_user_is_enough(template):
    assert collision(template, ("",)) is None


def test_an_id_that_runs_into_a_name_is_found():
    result = collision("claim-{username}{userid}", ("",))
    assert result is not None
    assert result[2] in ("claim-al12", "claim-al112")


def test_users_with_namespaces_of_their_own_do_not_meet():
    assert collision("home-{servername}", NAMED, namespaces=True) is None
    assert collision("home", ("",), namespaces=True) is None
    assert collision("pod", NAMED, namespaces=True) is not None


@pytest.mark.parametrize("scheme", ["safe", "escape"])
def test_names_are_expanded_as_by_kubespawner(spawner_of, scheme):
    template = (
        "{username}.{servername}.{user_server}.{safe_username}.{safe_servername}."
        "{escaped_username}.{escaped_servername}.{unescaped_username}.{userid}.{user_server}"
    )
    for user in USERS:
        for server in NAMED:
            made = spawner_of(user, server)
            made.slug_scheme = scheme
            expected = made._expand_user_properties(template)
            assert expand(template, user, "1", server, scheme) == expected


@pytest.fixture
def spawner_of():
    """As much of a KubeSpawner as expands templates."""

    class Expanding:
        def __init__(self, user: str, server: str):
            self.name = server
            self.user = type("User", (), {"name": user, "id": 1})

        _namespace_default = staticmethod(lambda: "hub")
        _expand_user_properties = KubeSpawner._expand_user_properties

    return Expanding


@pytest.mark.parametrize(
    ("storage", "reported"),
    [
        ({"type": "static", "static": {"subPath": "home/{username}{servername}"}}, True),
        ({"type": "static", "static": {"subPath": "home/{username}"}}, False),
        ({"type": "static", "static": {"subPath": "shared"}}, True),
        ({"type": "dynamic", "static": {"subPath": "shared"}}, False),
        ({"type": "static", "dynamic": {"pvcNameTemplate": "all"}}, False),
        ({"dynamic": {"pvcNameTemplate": "all"}}, True),
        ({"type": "hostPath", "homeHostPathTemplate": "/h/{username}-{servername}"}, True),
    ],
)
def test_directories_are_reported_like_claims(storage, reported):
    values = Values({"hub": {"allowNamedServers": True}, "singleuser": {"storage": storage}})
    assert [problem.rule for problem in findings(values)] == ["shared-name"] * reported
