"""A change restarts the pods that read it, and no others."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.charts import render

from z2jh_hub.hub.reload.pages import FILES
from z2jh_hub.hub.reload.table import PARTS

pytestmark = pytest.mark.slow

HUB, PROXY, TRAEFIK = "Deployment/hub", "Deployment/proxy", "Deployment/autohttps"
SCHEDULER, PLACEHOLDER = "Deployment/user-scheduler", "StatefulSet/user-placeholder"
BASE = """
proxy: {https: {enabled: true, hosts: [h.example], letsencrypt: {contactEmail: a@h.example}}}
"""
#: they pull images and run jobs; replacing them affects nobody
UNNOTICED = ("DaemonSet/hook-image-puller", "DaemonSet/continuous-image-puller", "Job/", "CronJob/")


def merged(one: dict, two: dict) -> dict:
    return {
        **one,
        **{
            k: merged(one[k], v) if isinstance(v, dict) and isinstance(one.get(k), dict) else v
            for k, v in two.items()
        },
    }


def changed(values: str, base: str = BASE) -> set[str]:
    """Return the workloads whose pods are replaced when `values` are added to the base."""
    one = yaml.safe_load(base) or {}
    before, after = render(one).pods(), render(merged(one, yaml.safe_load(values))).pods()
    different = {name for name in before if before[name] != after.get(name)}
    return {name for name in different if not name.startswith(UNNOTICED)}


@pytest.mark.parametrize(
    ("values", "restarted"),
    [
        # values that no running program reads
        ("ingress: {enabled: true, hosts: [h.example]}", set()),
        ("ingress: {annotations: {a: b}}", set()),
        ("httpRoute: {hostnames: [h.example]}", set()),
        ("proxy: {service: {annotations: {a: b}}}", set()),
        ("proxy: {service: {type: NodePort}}", set()),
        ("hub: {service: {annotations: {a: b}}}", set()),
        ("hub: {pdb: {enabled: true}}", set()),
        ("hub: {networkPolicy: {enabled: false}}", set()),
        ("singleuser: {networkPolicy: {enabled: false}}", set()),
        ("proxy: {chp: {networkPolicy: {enabled: false}}}", set()),
        ("scheduling: {userScheduler: {replicas: 3}}", set()),
        ("scheduling: {userPlaceholder: {replicas: 3}}", set()),
        ("prePuller: {extraImages: {a: {name: b, tag: c}}}", set()),
        ("prePuller: {hook: {enabled: false}}", set()),
        ("hub: {deploymentStrategy: {type: RollingUpdate}}", set()),
        # values that a running hub reloads
        ("singleuser: {profileList: [{display_name: A}]}", set()),
        ("hub: {config: {KubeSpawner: {profile_list: [{display_name: A}]}}}", set()),
        ("custom: {quotas: {all: {servers: 1}}, failures: {no-gpu: {wait: 1}}}", set()),
        ("hub: {config: {Authenticator: {admin_users: [a]}}}", set()),
        ("hub: {config: {GitHubOAuthenticator: {allowed_organizations: [a]}}}", set()),
        ("hub: {templateVars: {announcement: a}, templatePaths: [/a]}", set()),
        ("cull: {timeout: 60, every: 60, maxAge: 60}", set()),
        # values that the hub reads
        ("custom: {a: b}", {HUB}),
        ("cull: {users: true}", {HUB}),
        ("hub: {config: {JupyterHub: {admin_access: false}}}", {HUB}),
        ("hub: {extraConfig: {a: 'x = 1'}}", {HUB}),
        ("hub: {extraFiles: {a: {mountPath: /a, stringData: a}}}", {HUB}),
        ("hub: {services: {a: {}}}", {HUB}),
        ("hub: {resources: {requests: {cpu: 1}}}", {HUB}),
        # the program that saves traefik's certificates is in the hub's image
        ("hub: {image: {tag: other}}", {HUB, TRAEFIK}),
        ("singleuser: {image: {tag: other}}", {HUB}),
        ("singleuser: {extraFiles: {a: {mountPath: /a, stringData: a}}}", {HUB}),
        ("hub: {config: {JupyterHub: {cookie_secret: 'ab'}}}", {HUB}),
        ("scheduling: {userScheduler: {enabled: false}}", {HUB, SCHEDULER, PLACEHOLDER}),
        # values that the proxy reads
        ("proxy: {chp: {resources: {requests: {cpu: 1}}}}", {PROXY}),
        ("proxy: {chp: {extraCommandLineFlags: [--auto-rewrite]}}", {PROXY}),
        ("proxy: {annotations: {a: b}}", {PROXY}),
        ("hub: {config: {ConfigurableHTTPProxy: {auth_token: 'ab'}}}", {HUB, PROXY}),
        # other programs; traefik watches the file with its routes and headers
        ("proxy: {traefik: {resources: {requests: {cpu: 1}}}}", {TRAEFIK}),
        ("proxy: {traefik: {hsts: {maxAge: 60}}}", set()),
        ("scheduling: {userScheduler: {logLevel: 2}}", {SCHEDULER}),
        ("scheduling: {userScheduler: {plugins: {score: {disabled: []}}}}", {SCHEDULER}),
        ("scheduling: {userPlaceholder: {resources: {requests: {cpu: 1}}}}", {PLACEHOLDER}),
        ("scheduling: {corePods: {tolerations: []}}", {HUB, PROXY, TRAEFIK, SCHEDULER}),
    ],
)
def test_change_restarts_only_the_pods_that_read_it(values: str, restarted: set[str]) -> None:
    assert changed(values) == restarted


def test_changed_certificate_restarts_the_proxy() -> None:
    base = "proxy: {https: {enabled: true, type: manual, manual: {key: k, cert: c}}}"
    assert changed("proxy: {https: {manual: {cert: d}}}", base) == {PROXY}


CODE = "hub: {extraConfig: {a: \"z2jh.get_config('%s')\"}}"


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("ingress.hosts", "ingress: {hosts: [b.example]}"),
        ("ingress", "ingress: {hosts: [b.example]}"),
        ("singleuser.profileList", "singleuser: {profileList: [{display_name: A}]}"),
        ("hub.config.Authenticator", "hub: {config: {Authenticator: {admin_users: [a]}}}"),
        ("cull.timeout", "cull: {timeout: 60}"),
    ],
)
def test_only_a_listed_value_restarts_the_hub(key: str, values: str) -> None:
    """It makes no difference whether code names the value."""
    assert changed(values, CODE % key) == set()
    listed = f"hub: {{restartOnChange: [{key}]}}"
    assert changed(values, listed) == {HUB}
    assert changed("singleuser: {networkPolicy: {enabled: false}}", listed) == set()
    for setting in ("true", "false", "null", "[]"):
        assert changed(values, f"hub: {{restartOnChange: {setting}}}") == set()


def test_listed_value_may_be_set_by_its_deprecated_key() -> None:
    base = "hub: {restartOnChange: [ingress.hosts]}\ningress: {enabled: true, hosts: [], host: a.b}"
    assert changed("ingress: {host: c.d}", base) == {HUB}


TEMPLATE = """
hub: {{extraFiles: {{login.html: {{mountPath: /a/login{ending}, stringData: {text}}}}}}}
"""


@pytest.mark.parametrize(("ending", "restarted"), [(".html", set()), (".py", {HUB})])
def test_text_of_a_template_restarts_only_what_cannot_reload_it(
    ending: str, restarted: set[str]
) -> None:
    old, new = (TEMPLATE.format(ending=ending, text=text) for text in "ab")
    assert changed(new, old) == restarted


def nested(path: list[str], value: Any) -> Any:
    return {path[0]: nested(path[1:], value)} if path else value


#: two values of each type of key that the schema accepts
PAIRS: dict[str, tuple[Any, Any]] = {
    "hub.failures": ({"a": {"wait": 1}}, {"a": {"wait": 2}}),
    "hub.quotas": ({"a": {"servers": 1}}, {"a": {"servers": 2}}),
    "hub.rescue.mountPath": ("/a", "/b"),
    "hub.rescue.image.name": ("a", "b"),
    "hub.rescue.image.tag": ("a", "b"),
    "hub.templateVars": ({"a": 1}, {"a": 2}),
    "hub.templatePaths": (["/a"], ["/b"]),
    "singleuser.profileList": ([{"display_name": "A"}], [{"display_name": "B"}]),
}
BOOLEAN = ("adminUsers", "defaultServers", "namedServers", "removeNamedServers", "enabled")


def pair(key: str) -> tuple[Any, Any]:
    if key.startswith("hub.config."):
        return ["a"], ["b"]
    default = (False, True) if key.endswith(BOOLEAN) else (60, 120)
    return PAIRS.get(key, default)


@pytest.mark.parametrize("key", [key for part in PARTS if part is not FILES for key in part.keys])
def test_values_that_a_running_hub_applies_do_not_restart_it(key: str) -> None:
    path = key.replace("*", "GitHubOAuthenticator").split(".")
    old, new = (nested(path, value) for value in pair(key))
    before, after = (render(values).pods()[HUB] for values in (old, new))
    assert before == after
