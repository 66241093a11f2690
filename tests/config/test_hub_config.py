"""`hub.config`: traits of any class, merged over the chart's settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]


def under(text: str) -> str:
    return f"hub: {{config: {{{text}}}}}"


def test_any_trait_of_any_class(config: Make) -> None:
    c = config(under("GenericOAuthenticator: {scope: [], extra_params: {a: {b: [1, null]}}}"))
    assert c.GenericOAuthenticator == {"scope": [], "extra_params": {"a": {"b": [1, None]}}}


def test_hub_config_overrides_the_charts_values(config: Make) -> None:
    c = config("hub: {baseUrl: /a/, config: {JupyterHub: {base_url: /b/}}}")
    assert c.JupyterHub.base_url == "/b/"


@pytest.mark.parametrize(
    ("trait", "entries", "name"),
    [
        ("services", "[{name: mine}]", "jupyterhub-idle-culler"),
        ("load_roles", "[{name: mine}]", "jupyterhub-idle-culler"),
    ],
)
def test_culler_stays_with_own_services_and_roles(
    trait: str, entries: str, name: str, config: Make
) -> None:
    result = config(under(f"JupyterHub: {{{trait}: {entries}}}")).JupyterHub[trait]
    assert {item["name"] for item in result} == {"mine", name}


def test_entry_of_the_same_name_replaces_the_charts(config: Make) -> None:
    service = "{name: jupyterhub-idle-culler, command: [mine]}"
    c = config(under(f"JupyterHub: {{services: [{service}]}}"))
    assert c.JupyterHub.services == [{"name": "jupyterhub-idle-culler", "command": ["mine"]}]


def test_container_that_blocks_the_metadata_server_stays(config: Make) -> None:
    text = """
      singleuser: {cloudMetadata: {blockWithIptables: true}}
      hub: {config: {KubeSpawner: {init_containers: [{name: mine}]}}}
    """
    names = [container["name"] for container in config(text).KubeSpawner.init_containers]
    assert names == ["mine", "block-cloud-metadata"]


def test_replacing_that_container_is_an_error_with_a_hint(problems: Find) -> None:
    text = """
      singleuser: {cloudMetadata: {blockWithIptables: true}}
      hub: {config: {KubeSpawner: {init_containers: [{name: block-cloud-metadata}]}}}
    """
    problem = problems(text)["hub.config.KubeSpawner.init_containers"]
    assert "blockWithIptables: false" in problem.hint


def test_mappings_are_merged(config: Make) -> None:
    c = config("""
      singleuser: {extraEnv: {A: chart, B: chart}}
      hub: {config: {KubeSpawner: {environment: {B: mine}, extra_labels: {c: mine}}}}
    """)
    assert c.KubeSpawner.environment == {"A": "chart", "B": "mine"}
    assert c.KubeSpawner.extra_labels["c"] == "mine"
    assert len(c.KubeSpawner.extra_labels) > 1


def test_a_list_that_is_one_value_is_replaced(config: Make) -> None:
    c = config(under("{KubeSpawner: {storage_access_modes: [ReadWriteMany]}}"[1:-1]))
    assert c.KubeSpawner.storage_access_modes == ["ReadWriteMany"]
    c = config("{singleuser: {cmd: [a]}, hub: {config: {Spawner: {cmd: [b]}}}}")
    assert c.Spawner.cmd == ["b"]


def test_volumes_in_a_list_are_added_to_the_home(config: Make) -> None:
    c = config("""
      hub:
        config:
          KubeSpawner:
            volumes: [{name: data, nfs: {path: /data}}]
            volume_mounts: [{name: data, mountPath: /data}, {name: data, mountPath: /more}]
    """)
    volumes = {volume["name"] for volume in c.KubeSpawner.volumes.values()}
    assert volumes == {"volume-{user_server}", "data"}
    paths = sorted(mount["mountPath"] for mount in c.KubeSpawner.volume_mounts.values())
    assert paths == ["/data", "/home/jovyan", "/more"]


@pytest.mark.parametrize("form", ["[{mount}]", "{{mine: {mount}}}"])
def test_mount_at_the_same_path_replaces_the_charts(form: str, config: Make) -> None:
    mounts = form.format(mount="{name: nfs, mountPath: /home/jovyan}")
    c = config(under(f"KubeSpawner: {{volume_mounts: {mounts}}}"))
    (mount,) = c.KubeSpawner.volume_mounts.values()
    assert mount["name"] == "nfs"


def test_a_volume_of_the_same_name_is_not_mixed_with_the_charts(config: Make) -> None:
    c = config("""
      singleuser: {storage: {type: static, static: {pvcName: claim}}}
      hub: {config: {KubeSpawner: {volumes: {home: {name: home, nfs: {path: /n}}}}}}
    """)
    assert c.KubeSpawner.volumes == {"home": {"name": "home", "nfs": {"path": "/n"}}}


def test_mounted_secret_overrides_the_values(config: Make) -> None:
    secrets = {
        "hub.config.JupyterHub.cookie_secret": "5ade",
        "hub.config.CryptKeeper.keys": "ab;cd",
        "hub.config.ConfigurableHTTPProxy.auth_token": "never in the Config",
    }
    c = config(under("JupyterHub: {cookie_secret: abcd}"), secrets=secrets)
    assert c.JupyterHub.cookie_secret == "5ade"
    assert c.CryptKeeper["keys"] == ["ab", "cd"]
    assert "auth_token" not in c.ConfigurableHTTPProxy


def test_token_of_the_proxy_is_only_in_the_environment(config: Make) -> None:
    c = config(under("ConfigurableHTTPProxy: {auth_token: given, debug: true}"))
    assert "auth_token" not in c.ConfigurableHTTPProxy
    assert c.ConfigurableHTTPProxy.debug is True


@pytest.mark.parametrize("name", ["loadRoles", "jupyterHub", "services"])
def test_a_section_in_lower_case(name: str, problems: Find) -> None:
    problem = problems(under(f"{name}: {{a: 1}}"))[f"hub.config.{name}"]
    assert problem.severity == "error"
    assert "not the name of a class" in problem.message


def test_misplaced_key_of_hub_gets_a_hint(problems: Find) -> None:
    assert (
        problems(under("loadRoles: {}"))["hub.config.loadRoles"].hint
        == "`loadRoles` is a key of hub; move it out of hub.config to hub.loadRoles"
    )


def test_traits_that_are_not_a_mapping_are_reported(problems: Find) -> None:
    assert problems(under("JupyterHub: [a]"))["hub.config.JupyterHub"].given == ["a"]


def test_class_without_traits_has_no_effect(config: Make, problems: Find) -> None:
    assert problems(under("GitHubOAuthenticator: null")) == {}
    assert config(under("GitHubOAuthenticator: null")).GitHubOAuthenticator == {}


def test_admins_and_auth_state(config: Make) -> None:
    c = config(under("Authenticator: {admin_users: [a], enable_auth_state: true, allow_all: true}"))
    assert c.Authenticator == {"admin_users": ["a"], "enable_auth_state": True, "allow_all": True}


def test_a_class_below_a_class_is_a_section(config: Make) -> None:
    nested = "JupyterHub: {Authenticator: {admin_users: [a]}}, GitHubOAuthenticator: {X: {y: 1}}"
    c = config(under(nested))
    assert isinstance(c.JupyterHub.Authenticator, Config)
    assert c.JupyterHub.Authenticator.admin_users == ["a"]
    assert c.GitHubOAuthenticator.X.y == 1


def test_nested_value_that_is_not_a_section_is_ignored(config: Make) -> None:
    assert "Authenticator" not in config(under("KubeSpawner: {Authenticator: text}")).KubeSpawner
