"""Ten people log in with each file of examples/auth, as `z2jh check --user` says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.hubs import Hub
from support.logins.browser import Browser
from support.logins.internet import Internet
from support.logins.members import MEMBERS, Member, groups_at
from support.logins.providers import Providers

from z2jh_hub.check import files, login

pytestmark = [pytest.mark.processes, pytest.mark.slow]

FOLDER = Path(__file__).parents[2] / "examples" / "auth"
# other files: test_ldap.py, test_lti.py
FILES = sorted(f.stem for f in FOLDER.glob("*.yaml") if not f.stem.startswith(("ldap", "lti")))
# providers that call people by their email address
BY_EMAIL = ("auth0", "azuread", "cilogon", "globus", "google", "okta")

Answer = tuple[str, bool, bool]  # the hub's name, whether allowed, whether an administrator
NOBODY = "", False, False


def named(provider: str, member: Member) -> str:
    return member.email if provider in BY_EMAIL else member.handle


def logged_in(hub: Hub, browser: Browser) -> Answer:
    """Log in; return the name, whether that was allowed, and whether as an administrator."""
    page = browser.log_in()
    if page.status == 403:
        return NOBODY
    assert page.status == 200, page.text
    status, user = hub.api(f"users/{page.user}")
    assert status == 200, user
    return page.user, True, user["admin"]


@pytest.mark.parametrize("name", FILES)
def test_check_user_says_who_logs_in(
    name: str, start_hub: Callable[..., Any], internet: Internet, sites: Providers,
    kubernetes: str, tmp_path: Path,
) -> None:  # fmt: skip
    file, provider = FOLDER / f"{name}.yaml", name.removesuffix("-2018")
    values = files.read([file], ())
    environment = values.get("hub.extraEnv") or {}
    internet.connect_hub(tmp_path / "mounts")
    with start_hub(values.given, KUBECONFIG=kubernetes, **environment) as hub:
        actual = {h: logged_in(hub, Browser.of(hub, internet, h)) for h in MEMBERS}
    people = [(named(provider, m), groups_at(provider, m)) for m in MEMBERS.values()]
    answers = login.ask_each([file], (), people)
    expected = {
        handle: (answer["name"], True, answer["admin"]) if answer["allowed"] else NOBODY
        for handle, answer in zip(MEMBERS, answers, strict=True)
    }
    assert actual == expected, answers
