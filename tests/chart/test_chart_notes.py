"""The notes that Helm prints after an install."""

from __future__ import annotations

import pytest
from support.charts import render

HTTPS = "proxy: {https: {enabled: true, type: offload}}"
HUB = "hub: {config: {JupyterHub: {authenticator_class: github}}"
QUIET = f"{HUB}}}\n{HTTPS}"
EXTERNAL = f"{HUB}, db: {{type: postgres, url: 'postgresql://h'"


@pytest.mark.parametrize(
    ("values", "warning"),
    [
        ("proxy: {https: {enabled: true, type: offload}}", "without a password"),
        ("hub: {config: {JupyterHub: {authenticator_class: github}}}", "not encrypted"),
        (f"{QUIET}\nsingleuser: {{networkPolicy: {{enabled: false}}}}", "metadata server"),
        (f"{QUIET}\nrbac: {{create: false}}", "account, hub, has no permissions"),
        (
            f"{QUIET}\nsingleuser: {{networkPolicy: {{egress: [{{ports: [{{port: 443}}]}}]}}}}",
            "egressAllowRules.nonPrivateIPs to false",
        ),
        (f"{QUIET}\nsingleuser: {{cloudMetadata: {{blockWithIptables: true}}}}", "privileged"),
        (f"{QUIET}\nscheduling: {{userPlaceholder: {{replicas: 1}}}}", "placeholder pods"),
        (f"{EXTERNAL}, upgrade: true}}}}\n{HTTPS}", "without a backup"),
    ],
)
def test_dangers_come_first(values: str, warning: str) -> None:
    first = render(values).notes.strip().splitlines()[0]
    assert first.startswith("WARNING: ")
    assert warning in first


def test_no_unnecessary_warnings() -> None:
    notes = render(QUIET).notes
    assert "WARNING" not in notes
    assert len(notes.strip().splitlines()) < 15
    assert "WARNING" not in render(f"{EXTERNAL}}}}}\n{HTTPS}").notes


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ("ingress: {enabled: true, hosts: [h.example]}", "http://h.example/"),
        ("ingress: {enabled: true, hosts: [h.example], tls: [{}]}", "https://h.example/"),
        ("hub: {baseUrl: /x}\ningress: {enabled: true, hosts: [h.example]}", "h.example/x/"),
        ("proxy: {service: {type: ClusterIP}}", "port-forward service/proxy-public"),
        ("{}", "EXTERNAL-IP of the Service proxy-public"),
    ],
)
def test_address_of_the_hub_is_shown(values: str, address: str) -> None:
    assert address in render(values).notes


@pytest.mark.parametrize(
    ("singleuser", "explained"),
    [
        ("{}", True),
        ("{networkPolicy: {enabled: false}}", False),
        ("{networkPolicy: {egressAllowRules: {cloudMetadataServer: true}}}", False),
        ("{cloudMetadata: {blockWithIptables: true}}", False),
    ],
)
def test_the_block_of_the_metadata_server_is_explained(singleuser: str, explained: bool) -> None:
    notes = render(f"singleuser: {singleuser}").notes
    assert ("enforces NetworkPolicies" in notes) is explained
    assert ("print('REACHABLE')" in notes) is explained
    assert "\n\n\n" not in notes


@pytest.mark.parametrize(
    "values",
    [
        "{networkPolicy: {egress: [{}], egressAllowRules: {nonPrivateIPs: false}}}",
        "{networkPolicy: {egress: [{}], enabled: false}}",
        "{networkPolicy: {egress: [{}]}, cloudMetadata: {enabled: false}}",
        "{networkPolicy: {egress: []}}",
    ],
)
def test_no_warning_about_egress_that_replaces_the_rules(values: str) -> None:
    assert "adds to the default rules" not in render(f"singleuser: {values}").notes


SNIPPET = "hub: {extraConfig: {x: %s}}"
DELETES = SNIPPET % "c.KubeSpawner.delete_pvc = True"
INGRESS = SNIPPET % "'z2jh.get_config(\"ingress.hosts\")'"


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (DELETES, "set rbac.hub.deleteClaims to true"),
        (SNIPPET % "c.JupyterHub.internal_ssl = True", "set rbac.hub.manageSecrets to true"),
        (SNIPPET % "api.create_namespaced_secret()", "set rbac.hub.manageSecrets to true"),
    ],
)
def test_code_that_seems_to_need_a_setting_is_named(values: str, hint: str) -> None:
    assert hint in " ".join(line for line in render(values).notes.splitlines() if "WARN" in line)


@pytest.mark.parametrize(
    "values",
    [
        f"{DELETES}\nrbac: {{hub: {{deleteClaims: true}}}}",
        f"{DELETES}\nrbac: {{hub: {{deleteClaims: false}}}}",
        f"{DELETES}\nrbac: {{create: false}}",
        "hub: {config: {A: {delete_pvc: true}}, extraConfig: {x: c.A.delete_pvc}}",
        INGRESS,
    ],
)
def test_explicit_value_removes_the_hint(values: str) -> None:
    assert "Python code" not in render(values).notes
