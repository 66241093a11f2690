"""Ten people log in with their passwords in a real LDAP server, as `z2jh check --user` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.hubs import Hub
from support.logins import ldap
from support.logins.browser import HOME, Browser, Page
from support.logins.internet import Internet
from support.logins.members import MEMBERS, groups_at

from z2jh_hub.check import files, login
from z2jh_hub.cli import main

pytest.importorskip("ldapauthenticator")
pytestmark = [pytest.mark.processes, pytest.mark.slow]

FOLDER = Path(__file__).parents[2] / "examples" / "auth"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, internet: Internet) -> Iterator[ldap.Ldap]:
    with ldap.Ldap(tmp_path_factory.mktemp("ldap"), internet) as server:
        yield server


def log_in(hub: Hub, internet: Internet, name: str, password: str = ldap.PASSWORD) -> Page:
    browser = Browser.of(hub, internet)
    return browser.submit(browser.open(HOME), username=name, password=password)


def connect_hub(mounts: Path, server: ldap.Ldap) -> None:
    """Let the hub connect to the server, whatever address its values have."""
    folder = mounts / "jupyterhub_config.d"
    folder.mkdir(parents=True)
    (folder / "directory.py").write_text(
        'c.LDAPAuthenticator.server_address = "127.0.0.1"\n'
        f"c.LDAPAuthenticator.server_port = {server.port}\n"
    )


@pytest.mark.parametrize("name", ["ldap", "ldap-2018"])
def test_check_user_says_who_logs_in(
    name: str, start_hub: Callable[..., Any], server: ldap.Ldap, internet: Internet,
    kubernetes: str, tmp_path: Path,
) -> None:  # fmt: skip
    file = FOLDER / f"{name}.yaml"
    connect_hub(tmp_path / "mounts", server)
    with start_hub(files.read([file], ()).given, KUBECONFIG=kubernetes) as hub:
        actual = {}
        for person in MEMBERS:
            page = log_in(hub, internet, person)
            admin = bool(page.user) and hub.api(f"users/{page.user}")[1]["admin"]
            actual[person] = page.user, admin
        assert log_in(hub, internet, "ana", "wrong").user == ""
        assert log_in(hub, internet, "ana)(uid=*", ldap.PASSWORD).user == ""
        assert log_in(hub, internet, "ana", "").user == ""
    answers = login.ask_each(
        [file], (), [(person, groups_at("ldap", member)) for person, member in MEMBERS.items()]
    )
    expected = {
        person: (answer["name"], answer["admin"]) if answer["allowed"] else ("", False)
        for person, answer in zip(MEMBERS, answers, strict=True)
    }
    assert actual == expected, answers
    assert ldap.PASSWORD not in hub.log.read_text()
    assert ldap.READER_SECRET not in hub.log.read_text()


def test_groups_on_the_command_line_contain_commas() -> None:
    group = "cn=staff,ou=groups,dc=example,dc=edu"
    for groups in (group, f"cn=students,dc=example;{group}"):
        command = ["check", str(FOLDER / "ldap.yaml"), "--user", "dora", "--groups", groups]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        assert "dora may log in by LDAPAuthenticator.allowed_groups." in result.output
