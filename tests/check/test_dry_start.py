"""The real JupyterHub is started with the values: what stops it is reported where it was set."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from z2jh_hub import sandbox
from z2jh_hub.check.files import read
from z2jh_hub.cli.check import check

pytestmark = pytest.mark.slow

ROLES = """\
hub:
  services:
    exporter: {}
  loadRoles:
    user:
      scopes: [self, "access:services!services=grafana"]
    x:
      scopes: [self]
    Readers:
      scopes: [self]
    reader:
      scopes: ["read:user:name", "users:list", inherits, "read:users!usr=ada"]
      services: [exporter, grafana]
    admin:
      scopes: [admin-ui]
    letters:
      users: ada
      scopes: admin:users
"""
SERVICES = """\
hub:
  services:
    grafana: {url: "grafana:3000"}
    a/b: {}
    announcement: {url: "http://hub:8888", comand: [python3]}
    voila: {command: python3 -m voila, url: "http://hub:8889"}
    dash: {url: "http://hub:8890", display: "no"}
    oidc: {oauth_client_id: oidc, url: "https://example.org"}
    login: {oauth_client_id: service-login}
"""
GROUPS = """\
hub:
  config:
    JupyterHub:
      load_groups:
        physics: ada
        maths: {users: [ada, "bob/x"]}
        art: [eve]
    Authenticator:
      admin_users: [ada, "root/x"]
"""
SNIPPET = """\
hub:
  extraConfig:
    10-roles: |
      c.JupyterHub.load_roles.append({
          "name": "grafana",
          "scopes": ["list:user"],
          "services": ["dashboards"],
      })
    20-rest: |
      c.JupyterHub.cookie_secret = "abc"
      c.JupyterHub.load_groups = {"art": "eve"}
      c.JupyterHub.db_url = "oracle+thick://h/d"
"""
OAUTH = """\
hub:
  config:
    JupyterHub: {{authenticator_class: {kind}}}
    {section}:
      client_id: hub
      {setting}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ROLES,
            {
                6: "services=grafana",
                7: "x is not a valid name",
                9: "Readers is not a valid name",
                12: "read:user:name.*did you mean read:users:name|users:list.*list:users"
                "|inherits.*inherit|usr=ada.*invalid filter",
                13: "service grafana, which does not exist",
                15: "scopes of the role admin cannot be changed",
                17: "users must be a list.*\\[ada\\]",
                18: "scopes must be a list",
            },
        ),
        (
            SERVICES,
            {
                3: "grafana does not start with http://",
                4: "a/b is not a valid name",
                5: "no field comand",
                6: "command must be a list.*\\[python3, -m, voila\\]",
                7: "invalid value for display",
                8: "must start with service-",
                9: "no address to return to",
            },
        ),
        (
            GROUPS,
            {5: "invalid group", 6: "bob/x is not a valid user name", 9: "root/x is not a valid"},
        ),
        (
            SNIPPET,
            {
                6: "list:user of the role grafana",
                7: "service dashboards",
                10: "malformed secret",
                11: "load_groups",
                12: "unknown database",
            },
        ),
    ],
    ids=["roles", "services", "groups", "snippets"],
)
def test_every_mistake_is_reported_at_its_line(problems_of, text, expected):
    problems = [p for p in problems_of(text, run=True) if p.severity == "error"]
    lines = {p.origin.line for p in problems}
    assert lines == set(expected)
    for problem in problems:
        printed = " ".join((problem.message, problem.expected, problem.hint))
        assert re.search(expected[problem.origin.line], printed), printed


@pytest.mark.parametrize(
    ("kind", "section", "setting", "message"),
    [
        ("generic-oauth", "GenericOAuthenticator", "claim_groups_key: groups", "manage_groups"),
        ("generic-oauth", "OAuthenticator", "allowed_groups: [a]", "manage_groups"),
        ("azuread", "AzureAdOAuthenticator", "admin_groups: [a]", "manage_groups"),
        ("github", "GitHubOAuthenticator", "auth_state_groups_key: a.b", "manage_groups"),
        ("auth0", "Auth0OAuthenticator", "allow_all: true", "auth0_domain is not set"),
        ("generic-oauth", "GenericOAuthenticator", "allowed_scopes: [email]", "allowed_scopes"),
    ],
)
def test_settings_that_exclude_or_require_each_other(problems_of, kind, section, setting, message):
    text = OAUTH.format(kind=kind, section=section, setting=setting)
    (problem,) = (p for p in problems_of(text, run=True) if p.rule == "hub-start")
    assert message in problem.message
    assert problem.origin.line == (4 if "auth0" in message else 6)


@pytest.mark.parametrize(
    ("kind", "url", "message"),
    [
        ("mysql", "mysql+pymysql://hub@db.example.org:port/hub", "the port port is not a number"),
        ("mysql", "mysql://hub@db.example.org/hub", "driver mysqldb"),
        ("postgres", "postgresql+asyncpg://hub@db/hub", "driver asyncpg"),
        ("postgres", "postgresql+psycopg3://hub@db/hub", "unknown database or driver"),
        ("other", "db.example.org/hub", "no ://"),
    ],
)
def test_a_database_that_the_hub_cannot_use(problems_of, kind, url, message):
    (problem,) = (
        p
        for p in problems_of(f"hub:\n  db:\n    type: {kind}\n    url: {url}\n", run=True)
        if p.rule == "hub-start"
    )
    assert message in problem.message
    assert (problem.key, problem.origin.line, problem.severity) == ("hub.db.url", 4, "error")


def test_a_driver_that_a_custom_image_may_contain_is_a_note(problems_of):
    text = "hub: {image: {name: my-hub, tag: '1'}, db: {type: mysql, url: 'mysql://hub@db/hub'}}"
    (problem,) = (p for p in problems_of(text, run=True) if p.rule == "hub-start")
    assert problem.severity == "note"


VALID = """\
hub:
  existingSecret: own
  config:
    JupyterHub:
      authenticator_class: generic-oauth
      custom_scopes: {"custom:grades:read": {description: Read grades}}
      admin_access: false
    GenericOAuthenticator:
      manage_groups: true
      claim_groups_key: groups
      allowed_groups: [staff]
      enable_auth_state: true
      admin_users: [Ada, "eve@example.org"]
  db: {type: postgres, url: "postgresql://hub@db/hub"}
  services:
    grafana: {url: "http://grafana:3000", oauth_redirect_uri: "https://x/y", oauth_no_confirm: true}
    exporter: {admin: true}
    prober: {command: [python3, /srv/prober.py], environment: {A: b}}
  loadRoles:
    user: {scopes: [self, "access:services!service=grafana"]}
    grafana:
      scopes: ["read:users:name!group=staff", "custom:grades:read", "list:users"]
      services: [grafana, exporter]
      groups: [staff, others]
    admin: {users: [root]}
  extraConfig:
    secret: c.GenericOAuthenticator.client_secret = get_secret_value("client-secret")
"""


def test_a_hub_that_starts_is_not_reported(problems_of):
    assert [
        p for p in problems_of(VALID, run=True) if p.rule in ("hub-start", "python-raises")
    ] == []


def test_an_authenticator_of_a_snippet_that_raises(problems_of):
    text = """\
hub:
  extraConfig:
    auth: |
      from jupyterhub.auth import DummyAuthenticator
      class Ours(DummyAuthenticator):
          def __init__(self, **kwargs):
              super().__init__(**kwargs)
              self.rules = {}["rules"]
      c.JupyterHub.authenticator_class = Ours
"""
    (problem,) = (p for p in problems_of(text, run=True) if p.rule == "hub-start")
    assert (problem.origin.line, problem.severity) == (8, "error")
    assert "KeyError" in problem.message


def test_what_only_the_sandbox_lacks_is_a_note(problems_of):
    text = """\
hub:
  extraConfig:
    auth: |
      import urllib.request
      from jupyterhub.auth import DummyAuthenticator
      class Ours(DummyAuthenticator):
          def get_handlers(self, app):
              urllib.request.urlopen("http://login.example.org/keys")
      c.JupyterHub.authenticator_class = Ours
"""
    (problem,) = (p for p in problems_of(text, run=True) if p.rule == "hub-start")
    assert (problem.origin.line, problem.severity) == (8, "note")


PASSWORD = """\
hub:
  db: {type: mysql, url: "mysql+pymysql://hub@db:3306/hub", password: "p@ss/w%rd:1"}
"""
ADDED = """\
  extraConfig:
    db: |
      import urllib.parse
      password = urllib.parse.quote(get_secret_value("hub.db.password"))
      start, end = c.JupyterHub.db_url.split("@")
      c.JupyterHub.db_url = f"{start}:{password}@{end}"
"""


def test_code_that_adds_the_password_works_and_is_reported(problems_of, write):
    (problem,) = (p for p in problems_of(PASSWORD + ADDED, run=True) if p.rule == "hub-start")
    assert (problem.severity, problem.origin.line) == ("warning", 8)
    assert "hub.db.password" in problem.message
    urls = []
    for text in (PASSWORD, PASSWORD + ADDED):
        traits = sandbox.run(read(write(text)), "traits", cached=False)["traits"]
        urls += [t["value"] for t in traits if t["trait"] == "db_url"]
    assert urls == ["mysql+pymysql://hub:p%40ss%2Fw%25rd%3A1@db:3306/hub"] * 2
    assert [p for p in problems_of(PASSWORD, run=True) if p.rule == "hub-start"] == []


MEMBERS = """\
hub:
  config:
    JupyterHub: {{authenticator_class: {kind}, admin_users: [Root]}}
    {section}: {{{rules}}}
"""
GITHUB = ("github", "GitHubOAuthenticator", "allowed_organizations: [acme, 'other:team']")
BITBUCKET = ("bitbucket", "BitbucketOAuthenticator", "allowed_teams: [acme]")
GLOBUS = ("globus", "GlobusOAuthenticator", "allowed_globus_groups: [acme]")
GITLAB = ("gitlab", "GitLabOAuthenticator", "allowed_project_ids: [12]")
GENERIC = ("generic-oauth", "GenericOAuthenticator", "manage_groups: true, admin_groups: [acme]")


@pytest.mark.parametrize(
    ("provider", "arguments", "code", "allowed", "why"),
    [
        (GITHUB, ["--user", "zoe"], 2, None, "depends on membership of acme or other:team"),
        (GITHUB, ["--user", "zoe", "--groups", ""], 1, False, "no rule"),
        (GITHUB, ["--user", "zoe", "--groups", "other:team"], 0, True, ""),
        (GITHUB, ["--user", "root"], 0, True, ""),
        (BITBUCKET, ["--user", "zoe"], 2, None, "membership of acme; give --groups"),
        (BITBUCKET, ["--user", "zoe", "--groups", "acme"], 0, True, ""),
        (GLOBUS, ["--user", "zoe", "--groups", "acme"], 0, True, ""),
        (GLOBUS, ["--user", "zoe", "--groups", "x"], 1, False, "no rule"),
        (GITLAB, ["--user", "zoe"], 2, None, "membership of 12"),
        (GITLAB, ["--user", "zoe", "--groups", "12"], 0, True, ""),
        (GENERIC, ["--user", "zoe"], 2, None, "membership of acme"),
    ],
)
def test_a_login_that_depends_on_membership(write, provider, arguments, code, allowed, why):
    kind, section, rules = provider
    (file,) = write(MEMBERS.format(kind=kind, section=section, rules=rules))
    result = CliRunner().invoke(check, ["-f", str(file), "--format", "json", *arguments])
    answer = json.loads(result.output)
    assert (result.exit_code, answer["allowed"]) == (code, allowed)
    assert why in answer["why"]


def test_an_admin_of_the_deprecated_setting(write):
    (file,) = write(MEMBERS.format(kind=GITHUB[0], section=GITHUB[1], rules=GITHUB[2]))
    result = CliRunner().invoke(check, ["-f", str(file), "--user", "root"])
    assert "root is an admin by JupyterHub.admin_users" in result.output


def test_an_admin_only_as_a_member(write):
    (file,) = write("""\
        hub:
          config: {DummyAuthenticator: {allow_all: true}}
          loadRoles: {admin: {groups: [staff]}}
        """)
    result = CliRunner().invoke(check, ["-f", str(file), "--user", "zoe"])
    assert "zoe is an admin only as a member of staff" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "config",
    [
        "{JupyterHub: {authenticator_class: generic-oauth},"
        " GenericOAuthenticator: {allowed_groups: [a]}}",
        "{JupyterHub: {authenticator_class: auth0}}",
        "{JupyterHub: {load_roles: [{name: reader, scopes: [all]}]}}",
    ],
)
def test_a_user_of_a_hub_that_does_not_start(write, config):
    (file,) = write(f"hub: {{config: {config}}}")
    result = CliRunner().invoke(check, ["-f", str(file), "--user", "zoe"])
    assert result.exit_code == 2
    assert "the hub does not start" in result.output
    assert "exit code" not in result.output
