"""Log in through a real OpenID provider, which runs in its own process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import yaml
from support.hubs import Hub
from support.logins.browser import Browser, until
from support.logins.internet import Internet
from support.logins.openid import ISSUER, PROTOCOL, SECRET, OpenIdProvider, generic

pytestmark = [pytest.mark.processes, pytest.mark.slow]

Start = Callable[..., AbstractContextManager[Hub]]
LogIn = Callable[..., Any]


@pytest.fixture(scope="module")
def hub(start: Start) -> Iterator[Hub]:
    """Run a hub with rules for users and for groups of the provider."""
    with start(generic()) as hub:
        yield hub


@pytest.mark.parametrize(
    ("name", "admin", "groups"),
    [("ana", False, []), ("ben", True, ["hub-admins"]), ("cleo", False, ["staff"])],
    ids=["by user", "by group of administrators", "by group"],
)
def test_rules_allow(hub: Hub, log_in: LogIn, name: str, admin: bool, groups: list[str]) -> None:
    _, page = log_in(hub, name)
    assert (page.status, page.user) == (200, name)
    user = hub.api(f"users/{name}")[1]
    assert (user["admin"], user["groups"]) == (admin, groups)


def test_page_for_a_user_whom_no_rule_allows(hub: Hub, log_in: LogIn) -> None:
    _, page = log_in(hub, "dora")
    assert (page.status, page.user) == (403, "")
    assert "Your account may not use this JupyterHub Ask its administrators" in page.text
    assert hub.api("users/dora")[0] == 404


def test_groups_change_at_the_next_refresh(
    hub: Hub, log_in: LogIn, provider: OpenIdProvider
) -> None:
    browser, _ = log_in(hub, "ivy")
    provider.set_groups(ivy=["hub-admins", "staff"])

    def changed() -> bool:
        browser.home()
        user = hub.api("users/ivy")[1]
        return bool(user["admin"] and user["groups"] == ["hub-admins", "staff"])

    until(changed)
    assert browser.home().user == "ivy"
    provider.set_groups(ivy=["staff"])
    until(lambda: browser.home().user == "ivy" and not hub.api("users/ivy")[1]["admin"])


def test_log_out_at_the_provider(hub: Hub, log_in: LogIn) -> None:
    browser, _ = log_in(hub, "ana")
    page = browser.log_out()
    assert page.url.startswith(f"{ISSUER}/protocol/openid-connect/logout")
    assert browser.home().user == ""
    assert browser.log_in().user == "ana", "the provider still knows the browser"
    page = browser.submit(browser.log_out(), logout="yes")
    assert "success" in page.url
    assert browser.log_in().url.startswith(f"{ISSUER}/interaction/"), "asks who it is"


def test_expired_token_is_refreshed(start: Start, log_in: LogIn) -> None:
    with start(generic(client_id="brief")) as hub:
        browser, page = log_in(hub, "ana")
        assert page.user == "ana"
        first = hub.api("users/ana")[1]["auth_state"]["access_token"]

        def refreshed() -> bool:
            assert browser.home().user == "ana"
            return bool(hub.api("users/ana")[1]["auth_state"]["access_token"] != first)

        until(refreshed)


def test_expired_token_without_a_refresh_token_needs_a_login(start: Start, log_in: LogIn) -> None:
    with start(generic(client_id="brief-once")) as hub:
        browser, page = log_in(hub, "ana")
        assert page.user == "ana"
        until(lambda: browser.home().url.startswith("https://hub.example.org/hub/login"))
        assert browser.log_in().user == "ana"


#: traits → what the provider says, as the hub's log reports it; the page is the same
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "secret": ({"client_secret": "wrong"}, '"error": "invalid_client"'),
    "no openid scope": ({"scope": ["profile"]}, "access token missing openid scope"),
    "no such claim": ({"username_claim": "upn"}, "No upn found in"),
    "no PKCE": ({"client_id": "careful", "enable_pkce": False}, "requires PKCE"),
    "token URL": ({"token_url": "https://kc.example.org:1/token"}, "599 POST https://kc.example"),
    "no ID token": (
        {"userdata_from_id_token": True, "userdata_url": "", "scope": ["profile"]},
        "An id token was not returned: {'access_token': '[secret]'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_in_the_log_and_no_secret_is(fault: str, start: Start, log_in: LogIn) -> None:
    traits, cause = FAULTS[fault]
    with start(generic(**traits)) as hub:
        browser, page = log_in(hub, "cleo")
    assert page.status in (400, 500)
    assert "You could not be logged in Try again." in page.text
    log = hub.log.read_text()
    assert cause in log
    for secret in browser.secrets():
        assert secret not in log
        assert secret not in page.html


def test_wrong_callback_url_is_named(start: Start, internet: Internet) -> None:
    wrong = "https://hub.example.org/hub/wrong"
    with start(generic(oauth_callback_url=wrong)) as hub:
        page = Browser.of(hub, internet).log_in()
        assert page.status == 400
        assert "redirect_uri did not match" in page.text
        assert f"OAuth redirect: {wrong}" in hub.log.read_text()


def test_pkce_that_the_provider_requires(start: Start, log_in: LogIn) -> None:
    with start(generic(client_id="careful")) as hub:
        assert log_in(hub, "cleo")[1].user == "cleo"


#: what the guide of 2018 prints for Keycloak, with its addresses
GUIDE = f"""
hub:
  extraEnv:
    OAUTH2_AUTHORIZE_URL: {PROTOCOL}/auth
    OAUTH2_TOKEN_URL: {PROTOCOL}/token
auth:
  type: custom
  custom:
    className: oauthenticator.generic.GenericOAuthenticator
    config:
      client_id: hub
      client_secret: {SECRET}
      token_url: {PROTOCOL}/token
      userdata_url: {PROTOCOL}/userinfo
      userdata_method: GET
      userdata_params: {{'state': 'state'}}
      username_key: preferred_username
"""


def start_guide(start: Start, values: dict[str, Any]) -> AbstractContextManager[Hub]:
    return start(values, **values["hub"]["extraEnv"])


def test_provider_refuses_the_guide_of_2018_without_a_scope(start: Start, log_in: LogIn) -> None:
    with start_guide(start, yaml.safe_load(GUIDE)) as hub:
        _, page = log_in(hub, "cleo")
        assert "You could not be logged in" in page.text
        assert "OAuth error: access_denied" in hub.log.read_text()


def test_guide_of_2018_with_a_scope(start: Start, log_in: LogIn) -> None:
    values = yaml.safe_load(GUIDE)
    values["auth"]["scopes"] = ["openid", "profile"]
    with start_guide(start, values) as hub:
        for name in ("cleo", "dora"):  # without a list, everybody may log in
            assert log_in(hub, name)[1].user == name


def test_message_for_refused_users_is_shown(start: Start, log_in: LogIn) -> None:
    with start(generic(custom_403_message="Ask the registrar for a place.")) as hub:
        text = log_in(hub, "dora")[1].text
        assert "may not use this JupyterHub Ask the registrar for a place. Ask its admin" in text
