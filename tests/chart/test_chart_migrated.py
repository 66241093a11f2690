"""A file with deprecated keys and its migrated version render the same objects."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml
from support.charts import render

from z2jh_hub.migrate.migrate import migrate

EGRESS = "singleuser: {networkPolicy: {egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}}"
LOGIN = "{enabled: true, registry: r.example, username: u, password: p}"
OFF = "{enabled: false}"
RULE = "[{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]"


def objects(text: str) -> dict[str, Any]:
    """Return what is rendered, except the values themselves and their checksums."""
    rendered = deepcopy(render(yaml.safe_load(text)))
    for pod in rendered.pods().values():
        pod["metadata"].get("annotations", {}).pop("checksum/secret", None)
    return {name: rendered[name] for name in rendered if name != "Secret/hub-values"}


@pytest.mark.parametrize(
    "old",
    [
        "hub: {uid: 5, fsGid: 6, imagePullPolicy: Always, publicURL: 'https://h/'}",
        "hub: {uid: 0}",
        "hub: {extraEnv: [{name: A, value: b}, {name: C, valueFrom: {fieldRef: {fieldPath: x}}}]}",
        "hub: {cookieSecret: abcd}",
        "hub: {extraConfigMap: {a: 1}, extraConfig: 'a = 1'}",
        "auth: {type: github, github: {clientId: id}, state: {enabled: true, cryptoKey: ab}}",
        "rbac: {enabled: false}",
        "proxy: {secretToken: abcd}",
        "proxy: {nginx: {a: b}, lego: {a: b}}",
        "proxy: {networkPolicy: {enabled: false}}",
        f"proxy: {{networkPolicy: {{egress: {RULE}}}}}",
        "proxy: {nodeSelector: {a: b}, pdb: {enabled: true, minAvailable: 2}}",
        "proxy: {https: {hosts: [h.example], letsencrypt: {contactEmail: a@h.example}}}",
        "singleuser: {cloudMetadata: {enabled: true}}",
        "singleuser: {cloudMetadata: {enabled: false}}",
        "singleuser: {schedulerStrategy: pack}",
        "singleuser: {schedulerStrategy: spread}",
        "{singleuser: {schedulerStrategy: pack}, scheduling: {userScheduler: {enabled: false}}}",
        f"{{hub: {{uid: 5}}, {EGRESS}}}",
        f"hub: {{imagePullSecret: {LOGIN}}}",
        f"singleuser: {{imagePullSecret: {LOGIN}}}",
        f"{{hub: {{imagePullSecret: {LOGIN}}}, singleuser: {{imagePullSecret: {LOGIN}}}}}",
        f"{{hub: {{imagePullSecret: {LOGIN}}}, singleuser: {{imagePullSecret: {OFF}}}}}",
        "hub: {imagePullSecret: {enabled: true, username: u, password: p}}",
        f"imagePullSecret: {LOGIN}",
        "ingress: {enabled: true, host: h.example}",
        "ingress: {enabled: true, host: h.example, https: {enabled: true, type: kube-lego}}",
        "ingress: {enabled: true, hosts: [h.example], https: {enabled: true, type: kube-lego}}",
        "ingress: {enabled: true, host: h.example, https: {enabled: false}}",
        "prePuller: {enabled: false}",
        "singleuser: {imagePullPolicy: Always}",
        "scheduling: {userScheduler: {policy: {}, replicas: 3}}",
    ],
)
def test_migrated_values_render_the_same_objects(old: str) -> None:
    new = migrate(old, "config.yaml")
    assert new.is_needed
    assert objects(old) == objects(new.after)


def test_command_of_the_proxy() -> None:
    """The order of options does not matter."""
    old = "proxy: {chp: {cmd: [node, proxy.js, --log-level=debug]}}"
    words = []
    for text in (old, migrate(old, "config.yaml").after):
        container = render(yaml.safe_load(text)).container("Deployment/proxy")
        words.append([*container["command"], *container["args"]])
    assert sorted(words[0]) == sorted(words[1])
    assert words[1][:2] == ["node", "proxy.js"]
