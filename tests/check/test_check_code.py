"""Traits, the administrator's Python read and run, and who gets in."""

from __future__ import annotations

import json
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from z2jh_hub.cli.check import check

pytestmark = pytest.mark.processes


def snippet(code: str, **others: str) -> str:
    """A file whose `hub.extraConfig` has this code, and further pieces by name."""
    pieces = {"code": code, **others}
    text = "".join(f"    {k}: |\n{indent(dedent(c), ' ' * 6)}\n" for k, c in pieces.items())
    return f"hub:\n  extraConfig:\n{text}"


def reported(problems):
    return [(p.rule, p.origin.line if p.origin else None) for p in problems]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("c.KubeSpawner.start_timout = 3", [("unknown-trait", 4)]),
        ("\nc.KubeSpawner.volumez.append({})", [("unknown-trait", 5)]),
        ('c["KubeSpawner"]["volumez"] = []', [("unknown-trait", 4)]),
        ("c.KubeSpawner.update(start_timout=3)", [("unknown-trait", 4)]),
        ("get_config().KubeSpawner.start_timout = 3", [("unknown-trait", 4)]),
        ("c.KubeSpwaner.start_timeout = 3", [("unknown-class", 4)]),
        ('c.KubeSpawner.start_timeout = "3"', [("trait-value", 4)]),
        ("c.KubeSpawner.environment.update({'A': 'b'})", []),
        ("if 'KubeSpawner' in c:\n    c.KubeSpawner.start_timeout = 3", []),
        ("def hook(s):\n    return s.nmae + naem\nc.KubeSpawner.start_timeout = 3",
         [("python-lint", 5)]),
        ("import os.path\nfrom x import *\nf(y)", []),
        ("class S(KubeSpawner):\n    extra = 1\nc.S.extra = 2\nc.S.extar = 2",
         [("python-lint", 4), ("unknown-trait", 7)]),
        ("from kubespawner import KubeSpawner\nclass S(KubeSpawner):\n    extra = 1\n"
         "c.S.extra = 2\nc.S.start_timout = 2", [("unknown-trait", 8)]),
        ("from there import Spawner as Theirs\nclass S(Theirs): ...\nc.S.anything = 2", []),
    ],
)  # fmt: skip
def test_code_that_is_only_read(problems_of, code, expected):
    assert sorted(reported(problems_of(snippet(code)))) == sorted(expected)


def test_snippets_share_their_names(problems_of):
    assert problems_of(snippet("helper = 3", later="c.KubeSpawner.start_timeout = helper")) == []


@pytest.mark.parametrize(
    ("trait", "value", "rules"),
    [
        ("JupyterHub.active_server_limit", "'9'", ["trait-value"]),
        ("JupyterHub.template_vars", "[a]", ["trait-value"]),
        ("Authenticator.admin_users", "alice", ["trait-value"]),
        ("Authenticator.admin_users", "[alice]", []),
        ("KubeSpawner.environment", "{A: b}", []),
        ("KubeSpawner.start_timeout", "null", []),
        ("GitHubOAuthenticator.allowed_organisations", "[a]", ["unknown-trait"]),
        ("KubeSpawner.memory_limit", "1G", ["unknown-trait"]),
        ("JupyterHub.authenticator_class", "githb", ["unknown-class"]),
        ("JupyterHub.authenticator_class", "not_here.at.All", ["missing-module"]),
    ],
)
def test_traits_of_hub_config(problems_of, trait, value, rules):
    name, trait = trait.split(".")
    assert [
        p.rule for p in problems_of(f"hub: {{config: {{{name}: {{{trait}: {value}}}}}}}")
    ] == rules


def test_traits_of_a_class_that_only_the_image_has_are_not_doubted(problems_of):
    text = """\
        hub:
          config:
            JupyterHub: {authenticator_class: theirs.TheirAuthenticator}
            TheirAuthenticator: {anything: 1}
        """
    assert [p.rule for p in problems_of(text)] == ["missing-module"]


@pytest.mark.parametrize(
    ("name", "class_name", "trait", "misspelled"),
    [
        ("ldap", "LDAPAuthenticator", "server_address: ldap.example, lookup_dn: true",
         "server_address: ldap.example, lookup_dn: true, lookup_dnn: true"),
        ("native", "NativeAuthenticator", "open_signup: true", "opensignup: true"),
        ("tmp", "TmpAuthenticator", "auto_login: true", "auto_logn: true"),
        ("firstuse", "FirstUseAuthenticator", "create_users: false", "create_user: false"),
        ("ltiauthenticator.lti13.auth.LTI13Authenticator", "LTI13Authenticator",
         "client_id: [a]", "clientid: [a]"),
        ("hmacauthenticator.HMACAuthenticator", "HMACAuthenticator",
         "secret_key: 00ff", "secretkey: 00ff"),
    ],
)  # fmt: skip
def test_authenticators_of_the_hub_image_are_known_without_being_installed(
    problems_of, name, class_name, trait, misspelled
):
    text = "hub: {config: {JupyterHub: {authenticator_class: %s}, %s: {%s}}}"
    assert problems_of(text % (name, class_name, trait), run=True) == []
    wrong = problems_of(text % (name, class_name, misspelled), run=True)
    assert [p.rule for p in wrong] == ["unknown-trait"]


def test_a_module_of_the_hub_image_is_not_reported_as_missing(problems_of):
    text = """\
        hub:
          extraConfig:
            templates: |
              import os, nativeauthenticator
              c.JupyterHub.template_paths = [os.path.dirname(nativeauthenticator.__file__)]
              import theirs
        """
    (problem,) = problems_of(text, run=True)
    assert (problem.rule, problem.given) == ("missing-module", "theirs")


def test_classes_of_a_custom_image_are_one_note(problems_of):
    text = """\
        hub:
          config:
            UsageViewer: {url: a}
            CanvasOAuthenticator: {url: a, allowed_users: [b]}
          extraConfig:
            x: |
              c.Configurator.a = 1
              c.UsageViewer.b = 2
        """
    (problem,) = problems_of(text, run=True)
    assert (problem.rule, problem.severity) == ("unknown-class", "note")
    for name in ("UsageViewer", "CanvasOAuthenticator", "Configurator"):
        assert problem.message.count(name) == 1


@pytest.mark.parametrize(
    ("override", "rules"),
    [
        ("cpu_limt: 2", ["unknown-trait"]),
        ("start_timeout: soon", ["trait-value"]),
        ("{image: 'x/{value}:1', mem_limit: 2G}", []),
    ],
)
def test_what_a_profile_overrides_is_a_trait(problems_of, override, rules):
    text = f"""\
        singleuser:
          profileList:
            - display_name: Small
              kubespawner_override: {override if override[0] == "{" else f"{{{override}}}"}
        """
    assert [p.rule for p in problems_of(text)] == rules


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1\nx / 0", [("python-raises", "error", 5)]),
        ("open('/no/such/file')", [("python-raises", "warning", 4)]),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1')",
         [("python-raises", "warning", 5)]),
        ("import os\nos.environ['ONLY_THERE']", [("python-raises", "warning", 5)]),
        ("setattr(c.KubeSpawner, 'start_' + 'timout', 3)", [("unknown-trait", "warning", 4)]),
        ("import not_here\nc.KubeSpawner.start_timeout = 'a' * 2",
         [("missing-module", "note", 4), ("trait-value", "error", 5)]),
        ("c.KubeSpawner.mem_limit = 'lots'", [("trait-value", "error", 4)]),
        ("import sys\nsys.exit(3)", [("python-raises", "error", 5)]),
        ("import z2jh\nc.JupyterHub.base_url = z2jh.get_config('hub.baseUrl')", []),
    ],
)  # fmt: skip
def test_code_that_is_run(problems_of, code, expected):
    problems = problems_of(snippet(code), run=True)
    assert sorted((p.rule, p.severity, p.origin.line) for p in problems) == sorted(expected)


def test_code_that_does_not_end_is_stopped_at_its_line(write):
    from z2jh_hub.check import files
    from z2jh_hub.check.rules import snippets

    values = files.read(write(snippet("x = 1\nwhile True:\n    x += 1")))
    (problem,) = snippets.executed(values, limit=6)
    assert problem.rule == "python-raises"
    assert problem.origin.line in (5, 6)


@pytest.mark.parametrize(
    ("user", "groups", "allowed", "admin", "by"),
    [
        ("Alice", "", True, True, ["admin_users"]),
        ("bob", "", True, False, ["allowed_users"]),
        ("carol", "", False, False, []),
        ("carol", "school,x", True, False, ["allowed_organizations"]),
        ("mallory", "school", False, False, []),
    ],
)
def test_rule_that_admits_a_user_is_named(write, user, groups, allowed, admin, by):
    (file,) = write("""\
        hub:
          config:
            JupyterHub: {authenticator_class: github}
            GitHubOAuthenticator:
              admin_users: [alice]
              allowed_users: [bob]
              blocked_users: [mallory]
              allowed_organizations: [school]
        """)
    arguments = ["-f", str(file), "--user", user, "--groups", groups, "--format", "json"]
    result = CliRunner().invoke(check, arguments)
    answer = json.loads(result.output)
    assert (answer["allowed"], answer["admin"]) == (allowed, admin)
    assert set(by) <= set(answer["allowed_by"])
    assert result.exit_code == (0 if allowed else 1)


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_what_code_and_traits_say_shows_no_secret(write, form):
    (file,) = write("""\
        hub:
          config:
            GitHubOAuthenticator: {client_secret: [hunter2hunter2]}
            JupyterHub: {service_tokens: hunter3hunter3}
          db: {password: hunter4hunter4}
          extraConfig:
            a: |
              import z2jh
              int(z2jh.get_config("hub.db.password"))
        """)
    result = CliRunner().invoke(check, ["-f", str(file), "--format", form])
    assert "trait-value" in result.output
    assert "python-raises" in result.output
    assert "hunter" not in result.output


@pytest.mark.parametrize(
    ("traits", "rule", "severity"),
    [
        # without effect on the public hub too, which starts
        ("KubeSpawner: {start_timout: 3}", "unknown-trait", "warning"),
        ("KubeSpawner: {allow_priviledge_escalation: true}", "unknown-trait", "warning"),
        ("GoogleOAuthenticator: {callback_url: x}", "unknown-trait", "warning"),
        ("GitHubOAuthenticator: {Authenticator: {admin_users: [ada]}}", "unknown-trait", "warning"),
        ("KubeSpwaner: {start_timeout: 3}", "unknown-class", "warning"),
        # a rule that nothing enforces
        ("GitHubOAuthenticator: {allowed_organisations: [a]}", "unknown-trait", "error"),
        ("Authenticator: {blocked_user: [a]}", "unknown-trait", "error"),
        ("Authenticator: {admins: [a]}", "unknown-trait", "error"),
        ("Authenticator: {allowedUsers: [a]}", "unknown-trait", "error"),
        ("JupyterHub: {allowed_users: [a]}", "unknown-trait", "error"),
        ("Authenticater: {blocked_users: [a]}", "unknown-class", "error"),
    ],
)
def test_what_has_no_effect_is_an_error_only_for_rules_about_who_gets_in(
    problems_of, traits, rule, severity
):
    (problem,) = problems_of(f"hub: {{config: {{{traits}}}}}")
    assert (problem.rule, problem.severity) == (rule, severity)
    assert "no effect" in problem.message


def test_place_of_a_nested_class_is_suggested(problems_of):
    (problem,) = problems_of(
        "hub: {config: {GitHubOAuthenticator: {Authenticator: {allow_all: true}}}}"
    )
    assert problem.hint == "Authenticator is a class; move it to hub.config.Authenticator"


def test_a_snippet_with_a_misspelled_rule_is_an_error(problems_of):
    for run in (False, True):
        (problem,) = problems_of(snippet("c.Authenticator.allowd_users = {'ada'}"), run=run)
        assert (problem.rule, problem.severity) == ("unknown-trait", "error")


@pytest.mark.parametrize(
    ("setting", "today"),
    [
        ("KubeSpawner.image_spec", "image"),
        ("KubeSpawner.singleuser_image_spec", "image"),
        ("KubeSpawner.singleuser_image_pull_policy", "image_pull_policy"),
        ("KubeSpawner.user_storage_capacity", "storage_capacity"),
        ("KubeSpawner.hub_connect_ip", "JupyterHub.hub_connect_ip"),
        ("Spawner.oauth_roles", "oauth_client_allowed_scopes"),
        ("JupyterHub.admin_users", "Authenticator.admin_users"),
        ("JupyterHub.proxy_cmd", "ConfigurableHTTPProxy.command"),
        ("Authenticator.whitelist", "allowed_users"),
        ("GitHubOAuthenticator.blacklist", "blocked_users"),
        ("GitHubOAuthenticator.github_client_id", "client_id"),
        ("AzureAdOAuthenticator.user_groups_claim", "auth_state_groups_key"),
        ("BitbucketOAuthenticator.team_whitelist", "allowed_teams"),
    ],
)
def test_a_deprecated_trait_is_reported_with_its_current_name(problems_of, setting, today):
    (problem,) = problems_of(snippet(f"c.{setting} = some_function()"))[:1]
    assert (problem.rule, problem.severity) == ("deprecated-trait", "warning")
    assert problem.message == f"{setting} is deprecated; use {today}"


@pytest.mark.parametrize("trait", ["image_spec", "singleuser_uid", "user_storage_class"])
def test_a_deprecated_trait_of_a_profile_takes_effect(problems_of, trait):
    profile = f"{{display_name: A, kubespawner_override: {{{trait}: null}}}}"
    (problem,) = problems_of(f"singleuser: {{profileList: [{profile}]}}")
    assert (problem.rule, problem.severity) == ("deprecated-trait", "warning")


@pytest.mark.parametrize(
    "setting",
    ["CILogonOAuthenticator.idp", "CILogonOAuthenticator.username_claim",
     "OpenShiftOAuthenticator.ca_certs"],
)  # fmt: skip
def test_a_removed_trait_is_an_error(problems_of, setting):
    (problem,) = problems_of(snippet(f"c.{setting} = 'x'"))
    assert (problem.rule, problem.severity) == ("deprecated-trait", "error")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('def hook(s):\n    """Do it.""\n    return s\n\ndef other(s):\n    """Do more."""', 5),
        ('a = dict(\n    x=1,\n    help=""\n    text\n    """\n)\nb = """text"""', 6),
        ("a = ''\n\ndef hook(s):\n    '''Do it.''\n    return s\n\nb = '''\ntext\n'''", 7),
    ],
)
def test_a_string_that_lacks_a_quote_is_reported_where_it_lacks_it(problems_of, code, line):
    (problem,) = problems_of(snippet(code))
    assert (problem.rule, problem.origin.line) == ("python", line)
    assert "lacks a quote" in problem.message


def test_a_trait_beside_an_override_is_reported_if_code_reads_the_trait_elsewhere(problems_of):
    profiles = "singleuser: {profileList: [{display_name: A, mem_limit: 2G}]}"
    reads = "print('mem_limit' in c.KubeSpawner)"
    (problem,) = problems_of(snippet(reads) + profiles)
    assert (problem.rule, problem.key) == ("profile-key", "singleuser.profileList.0.mem_limit")
    of_profiles = "for p in z2jh.get_config('singleuser.profileList'): print(p['mem_limit'])"
    assert problems_of(snippet(f"import z2jh\n{of_profiles}") + profiles) == []


@pytest.mark.parametrize("name", ["Proxs", "Prxy", "Sevrice"])
def test_a_misspelled_short_class_is_reported(problems_of, name):
    (problem,) = problems_of(f"hub: {{config: {{{name}: {{a: b}}}}}}")
    assert (problem.rule, problem.severity) == ("unknown-class", "warning")


@pytest.mark.parametrize(
    ("user", "code", "words"),
    [
        ("ann@uni.edu", 0, "ann may log in"),
        ("ann", 0, "ann may log in"),
        ("root@uni.edu", 0, "root is an admin"),
        ("ann@other.org", 1, "rejects the name or its domain"),
        ("eve@uni.edu", 1, "no rule allows"),
    ],
)
def test_check_user_accepts_the_name_of_an_account_at_the_provider(write, user, code, words):
    (file,) = write("""\
        hub:
          config:
            JupyterHub: {authenticator_class: google}
            Authenticator: {admin_users: [root]}
            GoogleOAuthenticator: {hosted_domain: [uni.edu], allowed_users: [ann]}
        """)
    result = CliRunner().invoke(check, ["-f", str(file), "--user", user])
    assert (result.exit_code, words in result.output) == (code, True)
