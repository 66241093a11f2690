"""`jupyterhub_config.d` and `hub.extraConfig`: order, one namespace, collections, mistakes."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.config import helpers
from z2jh_hub.config.errors import Problem
from z2jh_hub.config.mounts import Mounts
from z2jh_hub.config.snippets import Snippet, named_at_load
from z2jh_hub.config.values import Values, from_mounts

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]


def snippets(**texts: str) -> str:
    return yaml.safe_dump({"hub": {"extraConfig": texts}})


def test_each_layer_overrides_the_previous_one(mounts: Callable[..., Path]) -> None:
    root = mounts(
        """
        hub:
          baseUrl: /1/
          activeServerLimit: 1
          concurrentSpawnLimit: 1
          namedServerLimitPerUser: 1
          config: {JupyterHub: {active_server_limit: 2, concurrent_spawn_limit: 2,
                                named_server_limit_per_user: 2}}
          extraConfig: {b: c.JupyterHub.named_server_limit_per_user = 5,
                        a: c.JupyterHub.named_server_limit_per_user = 4}
        """,
        {
            "jupyterhub_config.d/2.py": "c.JupyterHub.concurrent_spawn_limit = 3",
            "jupyterhub_config.d/1.py": (
                "c.JupyterHub.concurrent_spawn_limit = 0\n"
                "c.JupyterHub.named_server_limit_per_user = 3"
            ),
        },
    )
    c = Config()
    configure.build(from_mounts(Mounts(root)), c)
    hub = c.JupyterHub
    assert hub.base_url == "/1/"
    assert hub.active_server_limit == 2
    assert hub.concurrent_spawn_limit == 3
    assert hub.named_server_limit_per_user == 5


def test_snippets_share_one_namespace(mounts: Callable[..., Path]) -> None:
    root = mounts(
        snippets(
            a="class Mine(Base): pass", b="c.JupyterHub.template_vars = {'m': Mine.__mro__[1]}"
        ),
        {"jupyterhub_config.d/base.py": "class Base: pass"},
    )
    c = Config()
    configure.build(from_mounts(Mounts(root)), c)
    assert c.JupyterHub.template_vars["m"].__name__ == "Base"


@pytest.mark.parametrize(
    "code",
    [
        "c.KubeSpawner.environment.update({'A': 'b'})",
        "c.KubeSpawner.extra_labels.update(a='b')",
        "c.KubeSpawner.extra_annotations['a'] = 'b'",
        "c.KubeSpawner.volumes.update(a={'name': 'a'})",
        "c.KubeSpawner.volume_mounts['a'] = {'name': 'a', 'mountPath': '/a'}",
        "c.KubeSpawner.init_containers.append({})",
        "c.KubeSpawner.extra_containers.extend([{}])",
        "c.KubeSpawner.tolerations.append({})",
        "c.KubeSpawner.node_selector.update(a='b')",
        "c.KubeSpawner.node_affinity_required.append({})",
        "c.KubeSpawner.pod_affinity_preferred.append({})",
        "c.KubeSpawner.profile_list.insert(0, {})",
        "c.KubeSpawner.lifecycle_hooks.update(a={})",
        "c.KubeSpawner.extra_resource_limits['g'] = 1",
        "c.KubeSpawner.extra_pod_config.update(a='b')",
        "c.KubeSpawner.storage_extra_labels.update(a='b')",
        "c.KubeSpawner.common_labels['a'] = 'b'",
        "c.JupyterHub.services.append({'name': 'a'})",
        "c.JupyterHub.load_roles.append({'name': 'a'})",
        "c.JupyterHub.template_paths.insert(0, '/t')",
        "c.JupyterHub.template_vars.update(a='b')",
        "c.JupyterHub.tornado_settings['a'] = 'b'",
    ],
)
def test_code_can_change_collections_in_place(code: str, config: Make) -> None:
    before = config()
    after = config(snippets(a=code))
    class_name, trait = code.split(".")[1:3]
    trait = trait.partition("[")[0]
    assert after[class_name][trait] != before[class_name][trait]


def test_change_in_place_does_not_change_the_values(values: Callable[..., Values]) -> None:
    result = values(snippets(a="c.KubeSpawner.environment.update({'A': 'b'})"))
    configure.build(result, Config())
    assert result.get("singleuser.extraEnv") == {}


def test_extra_config_may_be_a_string(config: Make) -> None:
    assert (
        config("hub: {extraConfig: 'c.JupyterHub.base_url = \"/s/\"'}").JupyterHub.base_url == "/s/"
    )


def test_null_snippet_is_ignored(config: Make, problems: Find) -> None:
    assert problems("hub: {extraConfig: {a: null}}") == {}
    assert config("hub: {extraConfig: null}").JupyterHub.base_url == "/"


def test_both_idioms_of_get_config(values: Callable[..., Values]) -> None:
    result = values("""
      custom: {a: 5}
      hub:
        extraConfig:
          a: |
            get_config().JupyterHub.base_url = "/a/"
            c.JupyterHub.active_server_limit = get_config("custom.a")
          b: get_config = None
          c: |
            from z2jh import get_config
            c.JupyterHub.concurrent_spawn_limit = get_config("custom.a")
    """)
    helpers.use(result)
    c = Config()
    configure.build(result, c)
    assert (c.JupyterHub.base_url, c.JupyterHub.active_server_limit) == ("/a/", 5)
    assert c.JupyterHub.concurrent_spawn_limit == 5


def test_names_that_deployments_use_without_importing_them(config: Make) -> None:
    code = "c.JupyterHub.template_vars = {'u': url_path_join('a', 'b'), 'o': os.sep, 'z': z2jh}"
    result = config(snippets(a=code)).JupyterHub.template_vars
    assert (result["u"], result["o"], result["z"].__name__) == ("a/b", "/", "z2jh")


def test_a_traceback_names_the_snippet_and_its_line(config: Make) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        config(snippets(first="a = 1", second="\nb = a / 0"))
    shown = "".join(traceback.format_exception(caught.value))
    assert 'File "<hub.extraConfig.second>", line 2' in shown
    assert "b = a / 0" in shown


def test_code_that_does_not_compile(problems: Find) -> None:
    result = problems(snippets(good="a = 1", bad="a = 1\nb = ("))
    assert list(result) == ["hub.extraConfig.bad"]
    assert result["hub.extraConfig.bad"].message.startswith("syntax error in line 2")


@pytest.mark.parametrize(("text", "key"), [("[a]", ""), ("{a: 5}", ".a"), ("{a: {b: c}}", ".a")])
def test_snippet_that_is_not_text_is_reported(text: str, key: str, problems: Find) -> None:
    assert f"hub.extraConfig{key}" in problems(f"hub: {{extraConfig: {text}}}")


def test_a_file_that_does_not_compile(mounts: Callable[..., Path]) -> None:
    root = mounts("{}", {"jupyterhub_config.d/bad.py": "a = 1\nb = ("})
    (problem,) = configure.problems(from_mounts(Mounts(root)))
    assert problem.key == "jupyterhub_config.d/bad.py"
    assert (problem.origin.file, problem.origin.line) == (
        str(root / "jupyterhub_config.d" / "bad.py"), 2
    )  # fmt: skip


def test_names_of_code_that_runs_at_load_exclude_function_bodies() -> None:
    text = """
c.KubeSpawner.profile_list = []
c.merge({"Authenticator": {"admin_users": ["ada"]}})
c.JupyterHub.update(template_vars={})
class Mine:
    names = [one.allowed_users for one in ()]
    def later(self):
        return self.blocked_users
"""
    names = named_at_load(Snippet("a", text, "<a>"))
    traits = {"profile_list", "admin_users", "template_vars", "allowed_users"}
    assert traits <= names
    assert "blocked_users" not in names
