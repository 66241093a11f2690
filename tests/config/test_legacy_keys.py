"""Every key of the 2018 guide keeps its meaning, and is reported with its current name."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from traitlets.config import Config

from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.config.errors import MISSING, Problem
from z2jh_hub.config.key_paths import find
from z2jh_hub.config.legacy import modernise
from z2jh_hub.config.legacy.auth_types import TYPES
from z2jh_hub.config.legacy.table import IGNORED, MOVES

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

CONFIG = "hub.config"
SERVICE_ACCOUNTS = (
    "hub.serviceAccount.create",
    "proxy.traefik.serviceAccount.create",
    "scheduling.userScheduler.serviceAccount.create",
    "prePuller.hook.serviceAccount.create",
    "prePuller.continuous.serviceAccount.create",
)

# deprecated key, its value, and the resulting current keys
MEANINGS: list[tuple[str, Any, dict[str, Any]]] = [
    ("auth.whitelist.users", ["ada"], {f"{CONFIG}.Authenticator.allowed_users": ["ada"]}),
    ("auth.blacklist.users", ["eve"], {f"{CONFIG}.Authenticator.blocked_users": ["eve"]}),
    ("auth.admin.users", ["root"], {f"{CONFIG}.Authenticator.admin_users": ["root"]}),
    ("auth.admin.access", False, {f"{CONFIG}.JupyterHub.admin_access": False}),
    ("auth.state.enabled", True, {f"{CONFIG}.Authenticator.enable_auth_state": True}),
    ("auth.state.cryptoKey", "ab;cd", {f"{CONFIG}.CryptKeeper.keys": ["ab", "cd"]}),
    ("auth.scopes", ["read:org"], {f"{CONFIG}.OAuthenticator.scope": ["read:org"]}),
    ("auth.dummy.password", "pw", {f"{CONFIG}.DummyAuthenticator.password": "pw"}),
    ("auth.github.clientId", "id", {f"{CONFIG}.GitHubOAuthenticator.client_id": "id"}),
    ("auth.github.clientSecret", "s", {f"{CONFIG}.GitHubOAuthenticator.client_secret": "s"}),
    (
        "auth.github.callbackUrl",
        "https://h/",
        {f"{CONFIG}.GitHubOAuthenticator.oauth_callback_url": "https://h/"},
    ),
    (
        "auth.github.orgWhitelist",
        ["org"],
        {f"{CONFIG}.GitHubOAuthenticator.allowed_organizations": ["org"]},
    ),
    (
        "auth.github.org_whitelist",
        ["org"],
        {f"{CONFIG}.GitHubOAuthenticator.allowed_organizations": ["org"]},
    ),
    (
        "auth.google.hostedDomain",
        "a.edu",
        {f"{CONFIG}.GoogleOAuthenticator.hosted_domain": ["a.edu"]},
    ),
    (
        "auth.google.hostedDomain",
        ["a.edu", "b.edu"],
        {f"{CONFIG}.GoogleOAuthenticator.hosted_domain": ["a.edu", "b.edu"]},
    ),
    ("auth.google.loginService", "A", {f"{CONFIG}.GoogleOAuthenticator.login_service": "A"}),
    ("auth.cilogon.clientId", "id", {f"{CONFIG}.CILogonOAuthenticator.client_id": "id"}),
    (
        "auth.globus.identityProvider",
        "globusid.org",
        {f"{CONFIG}.GlobusOAuthenticator.identity_provider": "globusid.org"},
    ),
    (
        "auth.gitlab.gitlabUrl",
        "https://g",
        {f"{CONFIG}.GitLabOAuthenticator.gitlab_url": "https://g"},
    ),
    (
        "auth.gitlab.gitlabGroupWhitelist",
        ["g"],
        {f"{CONFIG}.GitLabOAuthenticator.allowed_gitlab_groups": ["g"]},
    ),
    (
        "auth.gitlab.gitlabProjectIdWhitelist",
        [1],
        {f"{CONFIG}.GitLabOAuthenticator.allowed_project_ids": [1]},
    ),
    (
        "auth.mediawiki.indexUrl",
        "https://w",
        {f"{CONFIG}.MWOAuthenticator.mw_index_url": "https://w"},
    ),
    ("auth.hmac.secretKey", "abcd", {f"{CONFIG}.HMACAuthenticator.secret_key": "abcd"}),
    ("auth.lti.consumers", {"k": "s"}, {f"{CONFIG}.LTI11Authenticator.consumers": {"k": "s"}}),
    ("auth.ldap.server.address", "l", {f"{CONFIG}.LDAPAuthenticator.server_address": "l"}),
    ("auth.ldap.server.port", 636, {f"{CONFIG}.LDAPAuthenticator.server_port": 636}),
    ("auth.ldap.server.ssl", True, {f"{CONFIG}.LDAPAuthenticator.use_ssl": True}),
    ("auth.ldap.dn.templates", ["t"], {f"{CONFIG}.LDAPAuthenticator.bind_dn_template": ["t"]}),
    ("auth.ldap.dn.lookup", True, {f"{CONFIG}.LDAPAuthenticator.lookup_dn": True}),
    (
        "auth.ldap.dn.search.password",
        "p",
        {f"{CONFIG}.LDAPAuthenticator.lookup_dn_search_password": "p"},
    ),
    ("auth.ldap.dn.user.escape", True, {f"{CONFIG}.LDAPAuthenticator.escape_userdn": True}),
    ("auth.azuread.tenantId", "t", {f"{CONFIG}.AzureAdOAuthenticator.tenant_id": "t"}),
    ("auth.auth0.subdomain", "s", {f"{CONFIG}.Auth0OAuthenticator.auth0_subdomain": "s"}),
    (
        "auth.bitbucket.teamWhitelist",
        ["t"],
        {f"{CONFIG}.BitbucketOAuthenticator.allowed_teams": ["t"]},
    ),
    ("auth.openshift.clientId", "id", {f"{CONFIG}.OpenShiftOAuthenticator.client_id": "id"}),
    ("hub.extraConfig", "c.a.b = 1", {"hub.extraConfig.main": "c.a.b = 1"}),
    ("hub.extraConfigMap", {"a": {"b": 1}}, {"custom": {"a": {"b": 1}}}),
    ("hub.extraEnv", [{"name": "A", "value": "b"}], {"hub.extraEnv.A": "b"}),
    (
        "hub.extraEnv",
        [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}],
        {"hub.extraEnv.A": {"valueFrom": {"fieldRef": {"fieldPath": "x"}}}},
    ),
    ("hub.cookieSecret", "ab", {f"{CONFIG}.JupyterHub.cookie_secret": "ab"}),
    ("hub.uid", 1001, {"hub.containerSecurityContext.runAsUser": 1001}),
    ("hub.fsGid", 1002, {"hub.podSecurityContext.fsGroup": 1002}),
    ("hub.imagePullPolicy", "Always", {"hub.image.pullPolicy": "Always"}),
    ("hub.publicURL", "https://h/", {f"{CONFIG}.JupyterHub.public_url": "https://h/"}),
    ("rbac.enabled", False, {"rbac.create": False, **dict.fromkeys(SERVICE_ACCOUNTS, False)}),
    ("singleuser.cloudMetadata.enabled", False, {}),
    (
        "singleuser.cloudMetadata.enabled",
        True,
        {
            "singleuser.cloudMetadata.blockWithIptables": False,
            "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer": True,
        },
    ),
    ("singleuser.schedulerStrategy", "spread", {"scheduling.userScheduler.enabled": False}),
    ("singleuser.schedulerStrategy", "pack", {"scheduling.userScheduler.enabled": True}),
    ("proxy.secretToken", "t", {f"{CONFIG}.ConfigurableHTTPProxy.auth_token": "t"}),
    (
        "proxy.networkPolicy.enabled",
        False,
        {"proxy.chp.networkPolicy.enabled": False, "proxy.traefik.networkPolicy.enabled": False},
    ),
    ("proxy.https.hosts", ["h"], {"proxy.https.enabled": True}),
    ("proxy.nginx", {"resources": {}}, {}),
    ("proxy.lego", {"resources": {}}, {}),
    (
        "proxy.chp.cmd",
        ["node", "proxy", "--log-level=debug"],
        {
            "proxy.chp.command": ["node", "proxy"],
            "proxy.chp.extraCommandLineFlags": ["--log-level=debug"],
        },
    ),
]

# deprecated keys whose values stay, and which are only reported
STAYING = ("proxy.https.hosts", "hub.extraConfig", "hub.extraEnv")

# keys of the guide that are still current
SAME = """
hub:
  db: {type: postgres, url: "postgresql://h/d", upgrade: true, pvc: {storage: 2Gi}}
  networkPolicy: {enabled: false}
  image: {name: hub, tag: "1"}
singleuser:
  image: {name: user, tag: "1"}
  lifecycleHooks: {postStart: {exec: {command: [a]}}}
  initContainers: [{name: a, image: b}]
  extraEnv: {A: b}
  extraLabels: {a: b}
  nodeSelector: {a: b}
  uid: 1001
  fsGid: 1002
  serviceAccountName: a
  startTimeout: 5
  cmd: [a]
  defaultUrl: /lab
  cpu: {limit: 2, guarantee: 1}
  memory: {limit: 2G, guarantee: 1G}
  networkPolicy: {enabled: true, egress: [{to: []}]}
  storage:
    type: dynamic
    capacity: 2Gi
    dynamic: {storageClass: a}
    homeMountPath: /home/a
    extraVolumes: [{name: a}]
    extraVolumeMounts: [{name: a, mountPath: /a}]
proxy: {https: {enabled: true, type: letsencrypt, hosts: [h], letsencrypt: {contactEmail: a@h}}}
prePuller:
  hook: {enabled: false}
  continuous: {enabled: false}
  extraImages: {a: {name: b, tag: c}}
ingress: {enabled: true, hosts: [h], annotations: {a: b}, tls: []}
cull: {enabled: true, users: true, timeout: 5, every: 5}
"""


def nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def path(key: str) -> tuple[str, ...]:
    return tuple(key.split("."))


@pytest.mark.parametrize("mounted", [False, True], ids=["file", "mount"])
@pytest.mark.parametrize(("old", "value", "today"), MEANINGS, ids=lambda v: str(v)[:40])
def test_each_deprecated_key_alone(
    old: str, value: Any, today: dict[str, Any], mounted: bool, defaults: dict[str, Any]
) -> None:
    explicit = nested(old, value)
    result = modernise(sources.merge_as_helm(defaults, explicit), None if mounted else explicit)
    assert {key: find(result.data, path(key)) for key in today} == today
    if old not in STAYING:
        assert find(result.data, path(old)) is MISSING
    assert [p for p in result.problems if p.severity != "warning"] == []
    reported = [p for p in result.problems if old.startswith(p.key)]
    assert reported
    assert all(f"`{p.key}`" in p.message for p in reported)


def test_all_deprecated_keys_together(defaults: dict[str, Any], values: Callable[..., Any]) -> None:
    explicit: dict[str, Any] = {"auth": {"type": "github"}}
    for old, value, _ in reversed(MEANINGS):  # if two values are possible for a key, the first one
        explicit = sources.merge(explicit, nested(old, value))
    result = modernise(sources.merge_as_helm(defaults, explicit), explicit)
    today: dict[str, Any] = {}
    for old, value, meaning in reversed(MEANINGS):
        if find(explicit, path(old)) == value:
            today |= meaning
    today[f"{CONFIG}.GitHubOAuthenticator.scope"] = today.pop(f"{CONFIG}.OAuthenticator.scope")
    assert {key: find(result.data, path(key)) for key in today} == today
    assert [p for p in result.problems if p.severity == "error"] == []
    assert "auth" not in result.data


def test_current_keys_are_not_reported(problems: Find) -> None:
    assert problems(SAME) == {}


@pytest.mark.parametrize(
    ("kind", "authenticator_class"),
    [
        ("auth0", "auth0"),
        ("azuread", "azuread"),
        ("bitbucket", "bitbucket"),
        ("cilogon", "cilogon"),
        ("dummy", "dummy"),
        ("github", "github"),
        ("gitlab", "gitlab"),
        ("globus", "globus"),
        ("google", "google"),
        ("hmac", "hmacauthenticator.HMACAuthenticator"),
        ("ldap", "ldapauthenticator.LDAPAuthenticator"),
        ("lti", "ltiauthenticator.lti11.auth.LTI11Authenticator"),
        ("mediawiki", "mediawiki"),
        ("none", "null"),
        ("openshift", "openshift"),
        ("tmp", "tmpauthenticator.TmpAuthenticator"),
    ],
)
def test_auth_type(kind: str, authenticator_class: str, config: Make, problems: Find) -> None:
    text = f"auth: {{type: {kind}}}"
    assert config(text).JupyterHub.authenticator_class == authenticator_class
    assert problems(text)["auth.type"].severity == "warning"


@pytest.mark.parametrize("kind", [kind for kind, t in TYPES.items() if t.is_oauth])
def test_classes_of_oauthenticator_have_the_traits(kind: str) -> None:
    folder = Path(find_spec("oauthenticator").submodule_search_locations[0])
    # read, not imported, because MediaWiki's module needs another package
    code = (folder / f"{kind}.py").read_text() + (folder / "oauth2.py").read_text()
    assert f"class {TYPES[kind].class_name}(" in code
    for trait in TYPES[kind].traits.values():
        assert re.search(rf"^    {trait} = ", code, re.MULTILINE)


def test_auth_custom(config: Make) -> None:
    c = config("""
      auth:
        type: custom
        custom:
          className: oauthenticator.generic.GenericOAuthenticator
          config: {login_service: A, client_id: id, extra_params: {a: b}}
    """)
    assert c.JupyterHub.authenticator_class == "oauthenticator.generic.GenericOAuthenticator"
    assert c.GenericOAuthenticator == {
        "login_service": "A", "client_id": "id", "extra_params": {"a": "b"}
    }  # fmt: skip


def test_auth_custom_without_a_class(problems: Find) -> None:
    assert problems("auth: {type: custom}")["auth.custom.className"].severity == "error"


@pytest.mark.parametrize("kind", ["okpy", "gihtub", "[github]"])
def test_an_auth_type_without_a_class(kind: str, problems: Find) -> None:
    problem = problems(f"auth: {{type: {kind}}}")["auth.type"]
    assert problem.severity == "error"
    assert "github" in problem.expected


def test_unknown_keys_of_auth_are_reported(problems: Find) -> None:
    result = problems("auth: {type: github, gihtub: {clientId: id}, admin: {user: [a]}}")
    assert {key for key, p in result.items() if p.rule == "unknown-key"} == {
        "auth.gihtub.clientId", "auth.admin.user"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["auth: {}", "auth: null", "auth: {github: {}}"])
def test_empty_auth_has_no_effect(text: str, problems: Find) -> None:
    assert problems(text) == {}


def test_auth_that_is_not_a_mapping_is_reported(problems: Find) -> None:
    assert problems("auth: github")["auth"].severity == "error"


def test_okpy_is_reported_with_the_reason(problems: Find) -> None:
    assert "has shut down" in problems("auth: {type: okpy}")["auth.type"].message


def test_cilogon_reads_credentials_from_auth_github(config: Make, problems: Find) -> None:
    text = "auth: {type: cilogon, github: {clientId: id, clientSecret: s}}"
    assert config(text).CILogonOAuthenticator == {"client_id": "id", "client_secret": "s"}
    assert "idps" in problems(text)["hub.config.JupyterHub.authenticator_class"].expected


def test_everyone_may_log_in_without_a_list(config: Make) -> None:
    assert config("auth: {type: github}").Authenticator.allow_all is True


@pytest.mark.parametrize(
    "text",
    [
        "auth: {type: github, whitelist: {users: [ada]}}",
        "auth: {type: github, github: {orgWhitelist: [org]}}",
        "{auth: {type: github}, hub: {config: {GitHubOAuthenticator: {allowed_users: [ada]}}}}",
        "{auth: {type: github}, hub: {config: {OAuthenticator: {allow_all: false}}}}",
        "auth: {type: none}",
        "auth: {dummy: {password: pw}}",
    ],
)
def test_only_listed_users_may_log_in(text: str, config: Make) -> None:
    assert "allow_all" not in config(text).Authenticator


def test_with_two_lists_only_listed_users_may_log_in(config: Make, problems: Find) -> None:
    from tornado.web import HTTPError

    text = """
      auth:
        type: github
        github: {orgWhitelist: [org]}
        whitelist: {users: [ada]}
        admin: {users: [root]}
    """
    hook = config(text).Authenticator.post_auth_hook

    class Authenticator:
        allowed_users, admin_users = {"ada"}, {"root"}

    for user in ({"name": "ada"}, {"name": "root"}):
        assert hook(Authenticator, None, user) is user
    with pytest.raises(HTTPError, match="403"):
        hook(Authenticator, None, {"name": "member"})
    assert "member" in problems(text)["auth.whitelist"].message


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("auth: {type: github}", "{unescaped_username}@local"),
        ("auth: {type: google, google: {hostedDomain: a.edu}}", "{unescaped_username}@a.edu"),
        ("auth: {type: google}", "{unescaped_username}"),
        ("{auth: {type: github}, singleuser: {extraEnv: {EMAIL: me@h}}}", "me@h"),
    ],
)
def test_user_servers_get_the_users_name_and_email(text: str, email: str, config: Make) -> None:
    environment = config(text).KubeSpawner.environment
    assert environment == {
        "EMAIL": email,
        "GIT_AUTHOR_NAME": "{unescaped_username}",
        "GIT_COMMITTER_NAME": "{unescaped_username}",
    }


def test_current_keys_set_no_name_or_email(config: Make) -> None:
    text = "hub: {config: {JupyterHub: {authenticator_class: github}}}"
    assert config(text).KubeSpawner.environment == {}


def test_pack_prefers_nodes_with_user_pods(config: Make) -> None:
    text = "{singleuser: {schedulerStrategy: pack}, scheduling: {userScheduler: {enabled: false}}}"
    c = config(text)
    (affinity,) = c.KubeSpawner.pod_affinity_preferred
    assert affinity["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"
    assert "scheduler_name" not in c.KubeSpawner


def test_equal_old_and_new_keys_are_a_warning(problems: Find) -> None:
    problem = problems("{hub: {uid: 5, containerSecurityContext: {runAsUser: 5}}}")["hub.uid"]
    assert problem.severity == "warning"
    assert problem.message == (
        "`hub.uid` is deprecated, and `hub.containerSecurityContext.runAsUser` is also set; "
        "remove `hub.uid`"
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{hub: {uid: 5, containerSecurityContext: {runAsUser: 6}}}", "hub.uid"),
        ("{auth: {type: tmp}, hub: {config: {JupyterHub: {authenticator_class: x}}}}", "auth.type"),
        (
            "{auth: {admin: {users: [a]}}, hub: {config: {Authenticator: {admin_users: [b]}}}}",
            "auth.admin.users",
        ),
        ("{hub: {extraConfigMap: {a: 1}}, custom: {a: 2}}", "hub.extraConfigMap.a"),
        ("{rbac: {enabled: false, create: true}}", "rbac.enabled"),
        (
            "{singleuser: {cloudMetadata: {enabled: true, blockWithIptables: true}}}",
            "singleuser.cloudMetadata.enabled",
        ),
        (
            "{singleuser: {schedulerStrategy: spread}, "
            "scheduling: {userScheduler: {enabled: true}}}",
            "singleuser.schedulerStrategy",
        ),
    ],
)  # fmt: skip
def test_contradicting_old_and_new_keys_are_an_error(text: str, key: str, problems: Find) -> None:
    assert problems(text)[key].severity == "error"


def test_same_class_by_its_path_is_not_a_contradiction(problems: Find) -> None:
    text = """
      auth: {type: github}
      hub: {config: {JupyterHub: {authenticator_class: oauthenticator.GitHubOAuthenticator}}}
    """
    assert problems(text)["auth.type"].severity == "warning"


def test_maps_that_have_different_keys_are_merged(values: Callable[..., Any]) -> None:
    result = values("{hub: {extraConfigMap: {a: 1}}, custom: {b: 2}}")
    assert result.get("custom") == {"a": 1, "b": 2}


def test_mounted_default_does_not_count_as_set(defaults: dict[str, Any]) -> None:
    data = sources.merge_as_helm(defaults, {"hub": {"uid": 5}})
    assert data["hub"]["containerSecurityContext"]["runAsUser"] != 5
    result = modernise(data)
    assert [p.severity for p in result.problems] == ["warning"]
    assert find(result.data, path("hub.containerSecurityContext.runAsUser")) == 5


def test_null_counts_as_unset(problems: Find, config: Make) -> None:
    text = "{auth: {type: null, admin: {users: null}}, hub: {extraConfigMap: null}}"
    assert problems(text) == {}
    assert config(text).JupyterHub.authenticator_class == "dummy"


def test_the_guides_misplaced_storage(problems: Find) -> None:
    problem = problems("storage: {capacity: 2Gi}")["storage.capacity"]
    assert (problem.severity, problem.hint) == (
        "error",
        "did you mean singleuser.storage.capacity?",
    )


EGRESS = "singleuser: {networkPolicy: {egress: [{to: []}]}}"


def test_egress_replaces_the_rules_with_deprecated_keys(values: Callable[..., Any]) -> None:
    result = values(f"{{hub: {{uid: 5}}, {EGRESS}}}")
    rules = result.get("singleuser.networkPolicy.egressAllowRules")
    assert set(rules.values()) == {False}


@pytest.mark.parametrize(
    "text", [EGRESS, f"{{proxy: {{secretToken: t}}, {EGRESS}}}"], ids=["alone", "still taken"]
)
def test_egress_adds_to_the_rules_with_current_keys(
    text: str, values: Callable[..., Any], defaults: dict[str, Any]
) -> None:
    key = "singleuser.networkPolicy.egressAllowRules"
    assert values(text).get(key) == find(defaults, path(key))


def test_admin_service_gets_a_note_and_keeps_its_permissions(config: Make, problems: Find) -> None:
    text = "hub: {services: {s: {admin: true, apiToken: t}}}"
    service = next(s for s in config(text).JupyterHub.services if s["name"] == "s")
    assert service["admin"] is True
    assert problems(text)["hub.services.s.admin"].severity == "note"


def test_no_secret_is_shown(values: Callable[..., Any]) -> None:
    from z2jh_hub.config.errors import render

    text = """
      auth: {type: custom, custom: {className: a.B, config: {client_secret: hunter2}}}
      hub:
        cookieSecret: hunter2
        extraConfigMap: {any_password: hunter2}
        config: {B: {client_secret: other2}, JupyterHub: {cookie_secret: other2}}
      custom: {any_password: other2}
    """
    shown = render(values(text).legacy_problems())
    assert shown.count("error:") == 3
    assert "hunter2" not in shown
    assert "other2" not in shown


def test_problem_has_the_line_of_the_deprecated_key(tmp_path: Any) -> None:
    from z2jh_hub.config.values import from_files

    file = tmp_path / "config.yaml"
    hub = "hub:\n  extraConfig: |\n    a = 1\n    b = (\n  uid: 1001\n"
    file.write_text(hub + "auth:\n  admin:\n    users: [a]\n")
    result = from_files([file])
    assert {p.key: p.origin.line for p in result.legacy_problems()} == {
        "hub.extraConfig": 2, "hub.uid": 5, "auth.admin.users": 8,
    }  # fmt: skip
    assert result.origin("hub.config.Authenticator.admin_users").line == 8
    assert result.origin_in_text("hub.extraConfig.main", 2).line == 4


def test_arguments_are_not_modified(defaults: dict[str, Any]) -> None:
    explicit = {"auth": {"type": "github", "admin": {"users": ["a"]}}, "hub": {"uid": 5}}
    before = yaml.safe_dump(explicit)
    modernise(sources.merge_as_helm(defaults, explicit), explicit)
    assert yaml.safe_dump(explicit) == before
    assert sources.parse(chart_files.read("values.yaml"), "values.yaml").data == defaults


def test_docs_list_every_deprecated_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "legacy-keys.md").read_text()
    for old in (*(move.old for move in MOVES), *(old for old, _ in IGNORED)):
        assert f"`{old}`" in text
    for kind, auth_type in TYPES.items():
        assert f"| `{kind}` | `{auth_type.class_name}`" in text
        for key, trait in auth_type.traits.items():
            assert f"`{trait}`" in text, key
    for old, _, _ in MEANINGS:
        key = old.removesuffix(".enabled")
        assert old.startswith("auth.") or f"`{key}" in text, old
