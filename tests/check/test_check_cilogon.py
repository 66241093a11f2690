"""CILogon without `idps`: nobody can log in, whichever keys chose it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from z2jh_hub.check import check, login
from z2jh_hub.migrate.migrate import migrate

OF_2018 = """\
auth:
  type: cilogon
  cilogon: {clientId: a, clientSecret: b, callbackUrl: https://h/hub/oauth_callback}
"""
TODAY = """\
hub:
  config:
    JupyterHub: {authenticator_class: CHOICE}
    CILogonOAuthenticator:
      client_id: a
      allow_all: true
"""
BY_CODE = """\
hub:
  extraConfig:
    login: |
      c.JupyterHub.authenticator_class = "cilogon"
      c.CILogonOAuthenticator.allow_all = True
"""
IDPS = """
      IDPS: {https://idp.example.edu/shibboleth: {username_derivation: {username_claim: eppn}}}
"""
WITHOUT = {
    "2018": (OF_2018, 2),
    "2018 with a list": (OF_2018 + "  whitelist: {users: [ada]}\n", 2),
    "short name": (TODAY.replace("CHOICE", "cilogon"), 3),
    "class": (TODAY.replace("CHOICE", "oauthenticator.cilogon.CILogonOAuthenticator"), 3),
    "code": (BY_CODE, None),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_it_is_an_error_and_nobody_may_log_in(name: str, write: Callable[..., list[Path]]) -> None:
    text, line = WITHOUT[name]
    files = write(text)
    (problem,) = (p for p in check(files) if p.rule == "nobody-allowed")
    assert problem.severity == "error"
    assert "idps" in problem.message
    if line:
        assert problem.origin is not None
        assert problem.origin.line == line
    answer = login.ask(files, (), "ada")
    assert answer["allowed"] is False
    assert "idps" in login.text(answer)


def test_it_is_an_error_without_running_code_too(write: Callable[..., list[Path]]) -> None:
    assert "nobody-allowed" in {p.rule for p in check(write(OF_2018), run=False)}


def test_it_is_an_error_after_migrating(write: Callable[..., list[Path]]) -> None:
    files = write(migrate(OF_2018, "config.yaml").after)
    assert "nobody-allowed" in {p.rule for p in check(files) if p.severity == "error"}


@pytest.mark.parametrize("trait", ["idps", "allowed_idps"])
def test_with_identity_providers_it_is_none(trait: str, write: Callable[..., list[Path]]) -> None:
    files = write(TODAY.replace("CHOICE", "cilogon") + IDPS.replace("IDPS", trait))
    assert [p for p in check(files) if p.severity == "error"] == []
    assert login.ask(files, (), "ada")["allowed"] is True


RULES = """
      idps:
        https://idp.example.edu/shibboleth:
          username_derivation: {username_claim: eppn, action: strip_idp_domain, domain: example.edu}
        http://google.com/accounts/o8/id:
          username_derivation: {username_claim: email, action: prefix, prefix: google}
          allowed_domains: [gmail.com]
"""


@pytest.mark.parametrize("name", ["google:gus@gmail.com", "gus@gmail.com"])
def test_domains_of_an_identity_provider_allow_users(
    name: str, write: Callable[..., list[Path]]
) -> None:
    text = TODAY.replace("CHOICE", "cilogon").replace("      allow_all: true\n", RULES)
    files = write(text)
    assert "nobody-allowed" not in {p.rule for p in check(files)}
    answer = login.ask(files, (), name)
    assert (answer["allowed"], answer["allowed_by"]) == (True, ["idps"])
    assert login.ask(files, (), "ada@example.edu")["allowed"] is False
