"""Keys that no schema names: groups, quotas of profiles, `custom`, template variables, sections."""

from __future__ import annotations

import pytest


def config(text: str) -> str:
    return f"hub: {{config: {{{text}}}}}"


@pytest.mark.parametrize(
    ("group", "key", "hint"),
    [
        ("alice", "", "write {users: [alice]}"),
        ("5", "", ""),
        ("[1, 2]", "", ""),
        ("null", "", ""),
        ("{users: alice}", ".users", "write a list: [alice]"),
        ("{users: {alice: true}}", ".users", ""),
        ("{users: [5]}", ".users", ""),
        ("{properties: [a]}", ".properties", ""),
        ("{user: [alice]}", ".user", "did you mean users?"),
        ("{members: [alice]}", ".members", "the members of the group belong under"),
        ("{usres: [alice]}", ".usres", "did you mean users?"),
    ],
)
def test_groups_of_a_wrong_shape_are_errors(problems_of, group, key, hint):
    (problem,) = problems_of(config(f"JupyterHub: {{load_groups: {{staff: {group}}}}}"))
    assert problem.key == f"hub.config.JupyterHub.load_groups.staff{key}"
    assert problem.severity == "error"
    assert problem.hint.startswith(hint)


@pytest.mark.parametrize(
    "group", ["[]", "[alice]", "{}", "{users: []}", "{users: [a], properties: {x: 1}}"]
)
def test_groups_that_jupyterhub_accepts_are_not_reported(problems_of, group):
    assert problems_of(config(f"JupyterHub: {{load_groups: {{staff: {group}}}}}")) == []


PROFILES = """\
    singleuser:
      profileList:
        - display_name: Small machine
        - {display_name: GPU, slug: gpu-t4}
    hub:
      quotas:
        all:
          profiles: {%s: 1}
    """


@pytest.mark.parametrize(
    ("slug", "hint"),
    [("small-machin", "did you mean small-machine?"), ("gpu", "did you mean gpu-t4?"),
     ("Small machine", None), ("huge", "")],
)  # fmt: skip
def test_quotas_for_missing_profiles_are_reported(problems_of, slug, hint):
    (problem,) = problems_of(PROFILES % slug)
    assert problem.key == f"hub.quotas.all.profiles.{slug}"
    assert (problem.severity, problem.expected) == ("warning", "one of gpu-t4, small-machine")
    assert hint is None or problem.hint == hint


@pytest.mark.parametrize("slug", ["small-machine", "gpu-t4"])
def test_quotas_for_existing_profiles_are_not_reported(problems_of, slug):
    assert problems_of(PROFILES % slug) == []


def test_profiles_made_in_python_may_have_any_slug(problems_of):
    text = """\
        hub:
          quotas: {all: {profiles: {big: 1}}}
          extraConfig:
            profiles: |
              c.KubeSpawner.profile_list = [{"display_name": "Big"}]
        """
    assert problems_of(text) == []
    assert len(problems_of("hub: {quotas: {all: {profiles: {big: 1}}}}")) == 1


@pytest.mark.parametrize(
    ("key", "hint"),
    [("quota", "hub.quotas"), ("Quotas", "hub.quotas"), ("failure", "hub.failures"),
     ("rescu", "hub.rescue")],
)  # fmt: skip
def test_custom_keys_close_to_ours_are_reported(problems_of, key, hint):
    (problem,) = problems_of(f"custom: {{{key}: 1}}")
    assert (problem.key, problem.severity) == (f"custom.{key}", "warning")
    assert problem.hint == f"did you mean {hint}?"


SNIPPET = """\
    custom: {%s: hi}
    hub:
      extraConfig:
        mine: |
          import z2jh
          text = z2jh.get_config("custom.homepageText")
    """


@pytest.mark.parametrize("key", ["homepageTxt", "homePageText", "homepage_text", "homepagetext"])
def test_custom_keys_close_to_those_that_python_reads_are_reported(problems_of, key):
    (problem,) = problems_of(SNIPPET % key)
    assert (problem.key, problem.hint) == (f"custom.{key}", "did you mean homepageText?")


@pytest.mark.parametrize("key", ["homepageText", "homepageUrl", "quotient", "other"])
def test_other_custom_keys_are_not_reported(problems_of, key):
    assert problems_of(SNIPPET % key) == []


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("anouncement", "announcement"),
        ("announcment", "announcement"),
        ("Announcement", "announcement"),
        ("announcementLogin", "announcement_login"),
        ("announcement_hom", "announcement_home"),
    ],
)
@pytest.mark.parametrize(
    "place", ["hub: {templateVars: {%s: x}}", config("JupyterHub: {template_vars: {%s: x}}")]
)
def test_misspelled_template_variables_are_reported(problems_of, place, key, near):
    (problem,) = problems_of(place % key)
    assert (problem.severity, problem.hint) == ("warning", f"did you mean {near}?")


@pytest.mark.parametrize("key", ["announcement", "announcement_spawn", "org_name", "custom_text"])
def test_other_template_variables_are_not_reported(problems_of, key):
    assert problems_of(f"hub: {{templateVars: {{{key}: x}}}}") == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("singleuser", "`singleuser` is a top-level key; move it out of hub.config"),
        ("proxy", "`proxy` is a top-level key; move it out of hub.config"),
        ("cull", "`cull` is a top-level key; move it out of hub.config"),
        ("extraConfig", "`extraConfig` is a key of hub; move it out of hub.config to hub.extra"),
        ("baseUrl", "`baseUrl` is a key of hub; move it out of hub.config to hub.baseUrl"),
        ("allowed_users", "did you mean hub.config.Authenticator.allowed_users?"),
        ("profile_list", "did you mean hub.config.KubeSpawner.profile_list?"),
        ("kubespawner", "did you mean KubeSpawner?"),
    ],
)
def test_sections_in_hub_config_are_reported_with_their_place(problems_of, name, hint):
    (problem,) = problems_of(config(f"{name}: {{}}"))
    assert problem.severity == "error"
    assert problem.hint.startswith(hint)


@pytest.mark.parametrize(
    "text",
    ["JupyterHub: [admin_access: false]", "KubeSpawner: [{a: b}]", "Authenticator: allowed_users",
     "GitHubOAuthenticator: [client_id]"],
)  # fmt: skip
def test_a_class_without_a_mapping_is_an_error(problems_of, text):
    (problem,) = problems_of(config(text))
    assert (problem.severity, problem.expected) == ("error", "a mapping of traits to values")


@pytest.mark.parametrize(
    ("trait", "value", "severity", "hint"),
    [
        ("GitHubOAuthenticator.allowed_organizations", "org", "warning", "[org]"),
        ("GitHubOAuthenticator.allowed_users", "alice, bob", "error", "[alice, bob]"),
        ("Authenticator.admin_users", "alice bob", "error", "[alice, bob]"),
        ("Authenticator.blocked_users", "[a]", "error", "[a]"),
        ("GenericOAuthenticator.allowed_groups", "a;b", "error", "[a, b]"),
        ("LDAPAuthenticator.allowed_groups", "staff", "warning", "[staff]"),
        ("OurAuthenticator.allowed_users", "a,b", "error", "[a, b]"),
        ("JupyterHub.template_paths", "/a", "warning", "[/a]"),
    ],
)
def test_text_instead_of_a_list_is_reported_with_the_list(
    problems_of, trait, value, severity, hint
):
    name, trait = trait.split(".")
    setting = f"{name}: {{{trait}: '{value}'}}"
    if name == "OurAuthenticator":
        setting += ", JupyterHub: {authenticator_class: theirs.OurAuthenticator}"
    problems = [p for p in problems_of(config(setting), run=True) if p.rule == "trait-value"]
    assert [(p.severity, p.hint) for p in problems] == [(severity, f"write a list: {hint}")]


@pytest.mark.parametrize(
    ("trait", "value", "expected"),
    [
        ("KubeSpawner.environment", "[{name: A}]", "a mapping"),
        ("KubeSpawner.node_selector", "[a]", "a mapping"),
        ("JupyterHub.template_vars", "text", "a mapping"),
        ("Authenticator.allowed_users", "{a: 1}", "a list"),
        ("JupyterHub.allow_named_servers", "'yes'", "true or false"),
        ("KubeSpawner.start_timeout", "soon", "a whole number"),
        ("GoogleOAuthenticator.allowed_google_groups", "{a.b: c}", "a mapping of names to lists"),
        ("JupyterHub.log_level", "LOUD", "one of 0, 10, 20"),
    ],
)
def test_expected_values_are_described_without_words_of_python(problems_of, trait, value, expected):
    name, trait = trait.split(".")
    problems = problems_of(config(f"{name}: {{{trait}: {value}}}"), run=True)
    (problem,) = (each for each in problems if each.rule != "login-need")
    assert problem.expected.startswith(expected)
    for word in ("unicode", "dict", " set", "instance", "bool", "{'", "'"):
        assert word not in problem.expected + problem.hint + problem.shown()
