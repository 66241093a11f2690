"""`admin_access`: whether an administrator can open the servers of other users."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jupyterhub import roles
from support import people, servers
from support.clusters import Cluster
from support.hubs import Hub
from traitlets.config import Config

from z2jh_hub.hub import admin_access

SERVICE_TOKEN = "a-token-of-a-service-that-is-admin"
# scopes of administrators, none of which gives access to a server
HARMLESS = {
    "access:services", "admin-ui", "admin:groups", "admin:servers", "admin:services",
    "admin:users", "list:services", "proxy", "read:hub", "read:metrics", "read:roles",
    "read:services", "shutdown",
}  # fmt: skip


def values(where: dict[str, Any]) -> dict[str, Any]:
    """Return values with the administrator grace and a service with `admin: true`."""
    hub = {
        "config": {**people.ANYBODY, "Authenticator": {"admin_users": ["grace"]}},
        "services": {"robot": {"admin": True, "apiToken": SERVICE_TOKEN}},
    }
    hub["config"]["JupyterHub"] = {**people.ANYBODY["JupyterHub"], **where.get("JupyterHub", {})}
    rest = {key: value for key, value in where.items() if key != "JupyterHub"}
    return {"hub": hub, **rest}


def ask(hub: Hub, path: str, token: str, body: Any = None) -> tuple[int, Any]:
    """Return (status, answer) of a request to the hub's API; a POST if there is a body."""
    return hub.api(path, "GET" if body is None else "POST", body, token)


def opens(person: people.Person, owner: str) -> int:
    """Return the status of the page to which the server of `owner` redirects a new browser."""
    query = urllib.parse.urlencode(
        {
            "client_id": f"jupyterhub-user-{owner}",
            "redirect_uri": f"/user/{owner}/oauth_callback",
            "response_type": "code",
            "state": "x",
        }
    )
    return person.html(f"api/oauth2/authorize?{query}")[0]


def token_of(hub: Hub, user: str) -> str:
    """Return a token with the scopes of `user`."""
    status, made = ask(hub, f"users/{user}/tokens", SERVICE_TOKEN, {})
    assert status == 201
    return str(made["token"])


@pytest.fixture
def hub_with(start_hub: Callable[..., Any], cluster: Cluster) -> Callable[[dict[str, Any]], Any]:
    """`hub_with(values)`: a hub where ada has a server and grace is an administrator."""

    @contextmanager
    def start(where: dict[str, Any]) -> Iterator[tuple[Hub, people.Person, people.Person]]:
        with start_hub(values(where), KUBECONFIG=str(cluster.kubeconfig)) as hub:
            if "ada" not in servers.ready(hub):
                servers.begin(hub, ["ada"])
            yield hub, people.Person(hub, "ada"), people.Person(hub, "grace")

    return start


OFF = (
    {"JupyterHub": {"admin_access": False}},
    {"auth": {"admin": {"access": False}}},
)


@pytest.mark.parametrize("where", OFF, ids=["today", "2018"])
def test_an_administrator_cannot_open_the_server_of_another_user(
    where: dict[str, Any], hub_with: Callable[..., Any]
) -> None:
    with hub_with(where) as (hub, ada, grace):
        assert opens(ada, "ada") != 403
        assert opens(grace, "ada") == 403
        token = token_of(hub, "grace")
        scopes = set(ask(hub, "user", token)[1]["scopes"])
        assert "admin:users" in scopes
        entries = {scope for scope in scopes if scope.startswith(admin_access.ENTRY)}
        assert entries == {"access:servers!user=grace"}
        # not even by sharing the server with herself, or with a token in ada's name
        assert ask(hub, "shares/ada/", token, {"user": "grace"})[0] == 403
        assert ask(hub, "users/ada/tokens", token, {})[0] == 403
        # administrators keep their other permissions
        assert ask(hub, "users", token)[0] == 200
        # and the service keeps its permissions
        assert ask(hub, "users/ada/tokens", SERVICE_TOKEN, {})[0] == 201


def test_administrator_can_open_it_by_default_and_after_the_setting_is_reverted(
    hub_with: Callable[..., Any],
) -> None:
    with hub_with(OFF[0]) as (_, _, grace):
        assert opens(grace, "ada") == 403
    # the same database with the setting changed
    with hub_with({}) as (hub, ada, grace):
        assert opens(ada, "ada") != 403
        assert opens(grace, "ada") != 403
        assert "access:servers" in ask(hub, "user", token_of(hub, "grace"))[1]["scopes"]


@pytest.fixture
def default_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore JupyterHub's own function after the test."""
    monkeypatch.setattr(roles, "get_default_roles", roles.get_default_roles)


def admin_scopes() -> set[str]:
    return next(set(r["scopes"]) for r in roles.get_default_roles() if r["name"] == "admin")


def test_default_admin_scopes_are_known(default_roles: None) -> None:
    before = admin_scopes()
    admin_access.apply(Config(JupyterHub={"admin_access": False}))
    assert before - admin_scopes() == {"access:servers", "shares", "tokens"}
    # a new release may add a scope: decide whether it gives access to a server
    assert admin_scopes() == HARMLESS


def test_roles_are_unchanged_if_access_is_allowed(default_roles: None) -> None:
    before = roles.get_default_roles
    admin_access.apply(Config())
    admin_access.apply(Config(JupyterHub={"admin_access": True}))
    assert roles.get_default_roles is before
