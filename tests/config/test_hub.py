"""`hub.*`: URLs, limits, named servers, templates, the proxy's API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]


def test_defaults(config: Make) -> None:
    hub = config().JupyterHub
    assert hub.hub_bind_url == "http://:8081"
    assert hub.hub_connect_url == "http://hub:8081"
    assert hub.base_url == "/"
    assert hub.cleanup_servers is False
    assert hub.concurrent_spawn_limit == 64
    assert hub.allow_named_servers is False
    assert hub.authenticator_class == "dummy"
    assert hub.tornado_settings == {"slow_spawn_timeout": 0}


@pytest.mark.parametrize(
    ("text", "trait", "expected"),
    [
        ("baseUrl: /jh/", "base_url", "/jh/"),
        ("concurrentSpawnLimit: 5", "concurrent_spawn_limit", 5),
        ("activeServerLimit: 6", "active_server_limit", 6),
        ("allowNamedServers: true", "allow_named_servers", True),
        ("namedServerLimitPerUser: 7", "named_server_limit_per_user", 7),
        ("redirectToServer: false", "redirect_to_server", False),
        ("shutdownOnLogout: true", "shutdown_on_logout", True),
        ("authenticatePrometheus: false", "authenticate_prometheus", False),
        ("templatePaths: [/t]", "template_paths", ["/t"]),
        ("templateVars: {a: {b: 1}}", "template_vars", {"a": {"b": 1}}),
        ("publicURL: https://h/", "public_url", "https://h/"),
        ("cookieSecret: ab", "cookie_secret", "ab"),
    ],
)
def test_a_trait_of_jupyterhub(text: str, trait: str, expected: object, config: Make) -> None:
    assert config(f"hub: {{{text}}}").JupyterHub[trait] == expected


def test_failures_in_a_row(config: Make) -> None:
    assert config("hub: {consecutiveFailureLimit: 0}").Spawner.consecutive_failure_limit == 0


@pytest.mark.parametrize("key", ["concurrentSpawnLimit", "allowNamedServers", "templatePaths"])
def test_null_leaves_the_trait_to_jupyterhub(key: str, config: Make) -> None:
    from jupyterhub.app import JupyterHub

    hub = config(f"hub: {{{key}: null}}").JupyterHub
    trait = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
    assert trait in JupyterHub.class_traits()
    assert trait not in hub


def test_names_and_ports_of_the_release(config: Make) -> None:
    environ = {"HUB_SERVICE_PORT": "80", "PROXY_API_SERVICE_PORT": "81", "POD_NAMESPACE": "ns"}
    c = config(environ=environ)
    assert c.JupyterHub.hub_connect_url == "http://hub:80"
    assert c.ConfigurableHTTPProxy == {"api_url": "http://proxy-api:81", "should_start": False}
    assert c.KubeSpawner.namespace == "ns"


def test_debug(config: Make) -> None:
    c = config("debug: {enabled: true}")
    assert (c.JupyterHub.log_level, c.Spawner.debug) == ("DEBUG", True)
    assert "log_level" not in config("debug: {enabled: false}").JupyterHub


@pytest.mark.parametrize("value", ["jh", "7", "''", "[]"])
def test_invalid_base_url_is_reported(value: str, problems: Find) -> None:
    problem = problems(f"hub: {{baseUrl: {value}}}")["hub.baseUrl"]
    assert problem.expected == "a path that starts with /"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("concurrentSpawnLimit", "-1"),
        ("concurrentSpawnLimit", '"5"'),
        ("allowNamedServers", '"yes"'),
        ("templatePaths", "/t"),
        ("templateVars", "[a]"),
        ("loadRoles", "[a]"),
        ("services", "[a]"),
        ("config", "[a]"),
    ],
)
def test_a_value_of_the_wrong_kind(key: str, value: str, problems: Find) -> None:
    problem = problems(f"hub: {{{key}: {value}}}")[f"hub.{key}"]
    assert problem.severity == "error"
    assert problem.expected
