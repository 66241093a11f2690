"""`cull.*`: the idle culler's options, its role, and its URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

ONLY_TIMEOUT = "users: false, every: null, concurrency: null, maxAge: 0, removeNamedServers: false"


def command(c: Config) -> list[str]:
    (service,) = c.JupyterHub.services
    return list(service["command"])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("timeout: 5", "--timeout=5"),
        ("timeout: 3600.0", "--timeout=3600"),
        ("every: 6", "--cull-every=6"),
        ("concurrency: 7", "--concurrency=7"),
        ("maxAge: 8", "--max-age=8"),
        ("apiPageSize: 9", "--api-page-size=9"),
        ("users: true", "--cull-users"),
        ("adminUsers: false", "--cull-admin-users=false"),
        ("removeNamedServers: true", "--remove-named-servers"),
        ("namedServers: false", "--cull-named-servers=false"),
        ("defaultServers: false", "--cull-default-servers=false"),
    ],
)
def test_value_is_passed_as_an_option(option: str, words: str, config: Make) -> None:
    assert words in command(config(f"cull: {{{option}}}"))


def test_each_option_exists_in_the_culler(config: Make) -> None:
    import jupyterhub_idle_culler as culler

    from z2jh_hub.config.sections.cull import NUMBERS, SWITCHES

    text = Path(culler.__file__).read_text()
    options = [option for _, option in NUMBERS] + [words for _, _, words in SWITCHES]
    for option in (*options, "--max-age", "--url"):
        name = option.removeprefix("--").partition("=")[0]
        assert f'"{name}"' in text or name.replace("-", "_") in text, option


def test_unset_values_are_not_passed(config: Make) -> None:
    words = command(config(f"cull: {{timeout: 5, {ONLY_TIMEOUT}}}"))
    assert words[3:] == ["--url=http://localhost:8081/hub/api", "--timeout=5"]


def test_role_has_only_the_needed_scopes(config: Make) -> None:
    (role,) = config().JupyterHub.load_roles
    assert role == {
        "name": "jupyterhub-idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["jupyterhub-idle-culler"],
    }


def test_role_may_delete_users_if_they_are_culled(config: Make) -> None:
    (role,) = config("cull: {users: true}").JupyterHub.load_roles
    assert "admin:users" in role["scopes"]


def test_off(config: Make) -> None:
    hub = config("cull: {enabled: false}").JupyterHub
    assert (hub.services, hub.load_roles) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "hub: {baseUrl: /jh/}",
        "hub: {baseUrl: /jh}",
        "hub: {config: {JupyterHub: {base_url: /jh/}}}",
        "hub: {extraConfig: {a: 'c.JupyterHub.base_url = \"/jh/\"'}}",
    ],
)
def test_url_contains_the_effective_base_url(text: str, config: Make) -> None:
    assert command(config(text))[3] == "--url=http://localhost:8081/jh/hub/api"


@pytest.mark.parametrize("key", ["timeout", "every", "concurrency", "maxAge"])
@pytest.mark.parametrize("number", ["-5", "1.5", '"5"', "true"])
def test_invalid_number_is_reported(key: str, number: str, problems: Find) -> None:
    problem = problems(f"cull: {{{key}: {number}}}")[f"cull.{key}"]
    assert problem.expected == "a whole number of at least 0, without quotes"
