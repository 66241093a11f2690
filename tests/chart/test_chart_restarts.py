"""A change restarts what reads it, and nothing else."""

from __future__ import annotations

import re

import pytest
import yaml
from support.charts import CHART, render

from z2jh_hub.hub.reload.table import PARTS

HUB, PROXY, TRAEFIK = "Deployment/hub", "Deployment/proxy", "Deployment/autohttps"
SCHEDULER, PLACEHOLDER = "Deployment/user-scheduler", "StatefulSet/user-placeholder"
BASE = """
proxy: {https: {enabled: true, hosts: [h.example], letsencrypt: {contactEmail: a@h.example}}}
"""
#: pull images and do chores; nobody notices when they are made anew
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
    """The workloads whose pods are replaced when `values` are added to the base."""
    one = yaml.safe_load(base) or {}
    before, after = render(one).pods(), render(merged(one, yaml.safe_load(values))).pods()
    different = {name for name in before if before[name] != after.get(name)}
    return {name for name in different if not name.startswith(UNNOTICED)}


@pytest.mark.parametrize(
    ("values", "restarted"),
    [
        # what no running program reads
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
        # what a running hub takes over
        ("singleuser: {profileList: [{display_name: A}]}", set()),
        ("hub: {config: {KubeSpawner: {profile_list: [{display_name: A}]}}}", set()),
        ("custom: {quotas: {all: {servers: 1}}, failures: {no-gpu: {wait: 1}}}", set()),
        ("hub: {config: {Authenticator: {admin_users: [a]}}}", set()),
        ("hub: {config: {GitHubOAuthenticator: {allowed_organizations: [a]}}}", set()),
        ("hub: {templateVars: {announcement: a}, templatePaths: [/a]}", set()),
        ("cull: {timeout: 60, every: 60, maxAge: 60}", set()),
        # what the hub reads
        ("custom: {a: b}", {HUB}),
        ("cull: {users: true}", {HUB}),
        ("hub: {config: {JupyterHub: {admin_access: false}}}", {HUB}),
        ("hub: {extraConfig: {a: 'x = 1'}}", {HUB}),
        ("hub: {extraFiles: {a: {mountPath: /a, stringData: a}}}", {HUB}),
        ("hub: {services: {a: {}}}", {HUB}),
        ("hub: {resources: {requests: {cpu: 1}}}", {HUB}),
        # the program that keeps traefik's certificates is in the hub's image
        ("hub: {image: {tag: other}}", {HUB, TRAEFIK}),
        ("singleuser: {image: {tag: other}}", {HUB}),
        ("singleuser: {extraFiles: {a: {mountPath: /a, stringData: a}}}", {HUB}),
        ("hub: {config: {JupyterHub: {cookie_secret: 'ab'}}}", {HUB}),
        ("scheduling: {userScheduler: {enabled: false}}", {HUB, SCHEDULER, PLACEHOLDER}),
        # what the proxy reads
        ("proxy: {chp: {resources: {requests: {cpu: 1}}}}", {PROXY}),
        ("proxy: {chp: {extraCommandLineFlags: [--auto-rewrite]}}", {PROXY}),
        ("proxy: {annotations: {a: b}}", {PROXY}),
        ("hub: {config: {ConfigurableHTTPProxy: {auth_token: 'ab'}}}", {HUB, PROXY}),
        # others; traefik watches the file that has its routes and headers
        ("proxy: {traefik: {resources: {requests: {cpu: 1}}}}", {TRAEFIK}),
        ("proxy: {traefik: {hsts: {maxAge: 60}}}", set()),
        ("scheduling: {userScheduler: {logLevel: 2}}", {SCHEDULER}),
        ("scheduling: {userScheduler: {plugins: {score: {disabled: []}}}}", {SCHEDULER}),
        ("scheduling: {userPlaceholder: {resources: {requests: {cpu: 1}}}}", {PLACEHOLDER}),
        ("scheduling: {corePods: {tolerations: []}}", {HUB, PROXY, TRAEFIK, SCHEDULER}),
    ],
)
def test_a_change_restarts_what_reads_it(values: str, restarted: set[str]) -> None:
    assert changed(values) == restarted


def test_a_given_certificate_restarts_the_proxy() -> None:
    base = "proxy: {https: {enabled: true, type: manual, manual: {key: k, cert: c}}}"
    assert changed("proxy: {https: {manual: {cert: d}}}", base) == {PROXY}


def test_a_snippet_that_reads_a_value_makes_it_the_hubs() -> None:
    base = """
        hub: {extraConfig: {a: 'hosts = z2jh.get_config("ingress.hosts")'}}
        ingress: {enabled: true, hosts: [a.example]}
        """
    assert changed("ingress: {hosts: [b.example]}", base) == {HUB}


TEMPLATE = """
hub: {{extraFiles: {{login.html: {{mountPath: /a/login{ending}, stringData: {text}}}}}}}
"""


@pytest.mark.parametrize(("ending", "restarted"), [(".html", set()), (".py", {HUB})])
def test_the_text_of_a_template_restarts_nothing(ending: str, restarted: set[str]) -> None:
    old, new = (TEMPLATE.format(ending=ending, text=text) for text in "ab")
    assert changed(new, old) == restarted


@pytest.mark.parametrize(
    ("snippet", "restarted"),
    [
        ("c.KubeSpawner.profile_list.append({})", True),
        ("z2jh.get_config('singleuser.profileList')", True),
        ('z2jh.get_config("singleuser")', True),
        ("z2jh.get_config('singleuser.' + key)", True),
        ('z2jh.get_config(f"singleuser.{key}")', True),
        ("z2jh.get_config('singleuser.profileList.0')", True),
        ("z2jh.get_config('singleuser.image')", False),
        ('c.KubeSpawner.extra_labels["component"] = "singleuser"', False),
    ],
)
def test_a_snippet_that_uses_a_value_makes_it_restart_the_hub(
    snippet: str, restarted: bool
) -> None:
    base = yaml.safe_dump({"hub": {"extraConfig": {"a": snippet}}})
    values = "singleuser: {profileList: [{display_name: A}]}"
    assert changed(values, base) == ({HUB} if restarted else set())


def test_the_chart_leaves_to_a_running_hub_what_that_takes_over() -> None:
    template = (CHART / "templates" / "hub" / "_values.tpl").read_text()
    _, _, block = template.partition('define "jupyterhub.hub.reloaded"')
    block = block.partition("{{- end }}\n{{- end }}")[0]
    listed = dict(re.findall(r"^([\w.]+): (.*)$", block, re.MULTILINE))
    for trait in re.findall(r'^  "(\w+)"$', block, re.MULTILINE):
        listed[f"hub.config.*.{trait}"] = trait
    # read for one release more; a hub that runs takes them over under their keys of today
    old = {key for key in listed if key.startswith("custom.")}
    assert old == {"custom.failures", "custom.quotas", "custom.rescue"}
    listed = {key: trait for key, trait in listed.items() if key not in old}
    taken_over = {key: part.trait for part in PARTS for key in part.keys}
    del taken_over["hub.extraFiles.*.stringData"]  # has a rule of its own
    assert {key: trait.strip('"') for key, trait in listed.items()} == taken_over
