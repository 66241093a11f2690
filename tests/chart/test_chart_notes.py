"""What Helm says after an install."""

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
        ("hub: {config: {JupyterHub: {authenticator_class: github}}}", "no TLS"),
        (f"{QUIET}\nsingleuser: {{networkPolicy: {{enabled: false}}}}", "metadata server"),
        (f"{QUIET}\nrbac: {{create: false}}", "account, hub, has no permissions"),
        (
            f"{QUIET}\nsingleuser: {{networkPolicy: {{egress: [{{ports: [{{port: 443}}]}}]}}}}",
            "egressAllowRules.nonPrivateIPs to false",
        ),
        (f"{QUIET}\nsingleuser: {{cloudMetadata: {{blockWithIptables: true}}}}", "privileged"),
        (f"{QUIET}\nscheduling: {{userPlaceholder: {{replicas: 1}}}}", "placeholders"),
        (f"{EXTERNAL}, upgrade: true}}}}\n{HTTPS}", "without a backup"),
    ],
)
def test_dangers_come_first(values: str, warning: str) -> None:
    first = render(values).notes.strip().splitlines()[0]
    assert first.startswith("WARNING: ")
    assert warning in first


def test_nothing_is_warned_of_without_need() -> None:
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
        ("{}", "EXTERNAL-IP of service proxy-public"),
    ],
)
def test_the_address_is_told(values: str, address: str) -> None:
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
def test_egress_that_does_not_add_is_not_warned_of(values: str) -> None:
    assert "adds to the default rules" not in render(f"singleuser: {values}").notes
