"""Addresses of the hub and of services, compared with what the chart renders."""

from __future__ import annotations

from textwrap import dedent

import pytest
from traitlets.config import Config

from z2jh_hub.check import check
from z2jh_hub.config.sections import hub, proxy
from z2jh_hub.config.values import Values
from z2jh_hub.sandbox import load_config, network

pytestmark = pytest.mark.processes

LOGIN = """\
    JupyterHub: {authenticator_class: dummy}
    DummyAuthenticator: {allow_all: true, password: a-shared-word}
"""
OURS = ("chart-mismatch", "service-url", "callback-url", "ingress-path", "probe")


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """`reported(text, run)` is {(rule, severity, key): message}."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def reported(text: str, run: bool = False) -> dict[tuple[str, str, str], str]:
        file = tmp_path / "config.yaml"
        file.write_text("hub:\n  config:\n" + LOGIN + dedent(text))
        problems = check([file], run=run)
        return {(p.rule, p.severity, p.key): p.message for p in problems if p.rule in OURS}

    return reported


@pytest.fixture
def differing():
    """`differing(trait=value)` is what differs from the chart when code or the values set it."""

    def differing(**traits: object) -> list[tuple[str, str]]:
        values = Values({"hub": {"baseUrl": "/", "config": {"JupyterHub": traits}}})
        config = Config()
        for section in (hub, proxy):
            section.apply(values, config)
        config.JupyterHub.base_url = "/"
        config.JupyterHub.update(traits)
        result = load_config.Loaded(config, values, {}, [])
        return [(one["trait"], one["problem"]) for one in network.differences(result)]

    return differing


def test_traits_that_the_chart_overrides_have_no_effect(differing):
    assert differing(hub_port=9000) == [("hub_port", "unused")]
    assert sorted(differing(hub_ip="10.0.0.1", port=80)) == [
        ("hub_ip", "unused"), ("port", "unused")]  # fmt: skip
    assert differing(hub_connect_ip="10.0.0.1") == [("hub_connect_ip", "unused")]
    assert differing(hub_connect_port=9) == [("hub_connect_port", "unused")]
    assert differing(bind_url="http://:8000/jupyter") == [("bind_url", "unused")]


def test_addresses_that_are_those_of_the_chart_are_right(differing):
    assert not differing(hub_ip="0.0.0.0", hub_port=8081, port=8000, bind_url="http://:8000")
    assert not differing(base_url="/jupyter", hub_connect_url="http://hub.jhub:8081")
    assert not differing(hub_bind_url="http://0.0.0.0:8081")


def test_addresses_that_the_chart_does_not_render_are_errors(differing):
    assert differing(hub_bind_url="http://:9000") == [("hub_bind_url", "hub_bind_url")]
    assert differing(hub_bind_url="http://localhost:8081") == [("hub_bind_url", "hub_bind_url")]
    assert differing(hub_connect_url="http://hub:9000") == [("hub_connect_url", "hub_connect_url")]


def test_services_that_the_proxy_cannot_reach(reported):
    result = reported(
        """\
          services:
            local: {url: "http://localhost:1234", command: [a]}
            taken: {url: "http://hub:8081", command: [a]}
            closed: {url: "http://hub:8888", command: [a]}
            policy: {url: "http://hub.jhub.svc:9999", command: [a]}
            open: {url: "http://hub:7777", command: [a]}
            outside: {url: "http://announcer:80"}
            token: {}
          extraConfig:
            port: |
              c.JupyterHub.hub_port = 9000
            more: |
              c.JupyterHub.services.append({"name": "coded", "url": "http://127.0.0.1:80"})
          service:
            extraPorts:
              - {name: policy, port: 9999}
              - {name: open, port: 7777, targetPort: open-port}
              - {name: without-a-port}
          networkPolicy: {ingress: [{ports: [{port: open-port}]}]}
        cull: {enabled: false}
        """,
        run=True,
    )
    assert result == {
        ("service-url", "warning", "hub.services.local.url"):
        "the proxy runs in a separate pod, so it cannot reach the service local at this address",
        ("service-url", "warning", "hub.services.taken.url"):
        "the hub itself uses port 8081, so the service taken cannot listen there",
        ("service-url", "warning", "hub.services.closed.url"):
        "the Service of the hub has no port 8888, so the proxy cannot reach the service closed",
        ("service-url", "warning", "hub.services.policy.url"):
        "the network policy of the hub does not allow port 9999, so the proxy cannot reach the "
        "service policy",
        ("chart-mismatch", "warning", "hub.extraConfig.port"):
        "JupyterHub.hub_port has no effect, because the chart sets JupyterHub.hub_bind_url to "
        "http://:8081/hub/",
        ("service-url", "warning", "hub.extraConfig.more"):
        "the proxy runs in a separate pod, so it cannot reach the service coded at this address",
    }  # fmt: skip


@pytest.mark.parametrize(("url", "severity"), [
    ("https://hub.example.org/hub/oauth_callback", "error"),
    ("https://hub.example.org/jupyter/hub/oauth_callback", None),
    ("https://hub.example.org/jupyter/oauth_callback", "warning"),
    ("https://hub.example.org/jupyter/hub/oauth_callback/", "error"),
    ("https://hub.example.org/jupyter/hub/google/oauth_callback", None),
    ("https://hub.example.org/jupyter/hub/oauth2_callback", "warning"),
    ("http://hub.example.org/jupyter/hub/oauth_callback", "warning"),
    ("https://other.example.org/jupyter/hub/oauth_callback", "warning"),
    ("https://<hub>/hub/oauth_callback", None),
    ("https://placeholder.invalid/oauth_callback_url", None),
])  # fmt: skip
def test_callback_urls(reported, url, severity):
    result = reported(f"""\
            GitHubOAuthenticator: {{oauth_callback_url: "{url}"}}
          baseUrl: /jupyter/
        ingress:
          enabled: true
          hosts: [hub.example.org]
          tls: [{{hosts: [hub.example.org], secretName: tls}}]
        """)
    assert [s for rule, s, _ in result if rule == "callback-url"] == [severity] * bool(severity)


@pytest.mark.parametrize(("url", "messages", "expected"), [
    ("http://other.example.org/jupyter/hub/oauth_callback/",
     ("slash at the end", "not one of the hub's", "over http"),
     "https://hub.example.org/jupyter/hub/oauth_callback"),
    ("http://hub.example.org/jupyter/oauth_callback", ("/hub is missing", "over http"),
     "https://hub.example.org/jupyter/hub/oauth_callback"),
    ("http://other.example.org/jupyter/hub/google/oauth_callback",
     ("not one of the hub's", "over http"),
     "https://hub.example.org/jupyter/hub/google/oauth_callback"),
])  # fmt: skip
def test_all_mistakes_of_a_callback_url_are_reported_at_once(problems_of, url, messages, expected):
    (problem,) = [
        p
        for p in problems_of(f"""\
        hub:
          config: {{GitHubOAuthenticator: {{oauth_callback_url: "{url}"}}}}
          baseUrl: /jupyter/
        ingress:
          enabled: true
          hosts: [hub.example.org]
          tls: [{{hosts: [hub.example.org], secretName: tls}}]
        """)
        if p.rule == "callback-url"
    ]
    assert all(message in problem.message for message in messages)
    assert problem.expected == expected


@pytest.mark.parametrize(("ingress", "severity"), [
    ("pathType: Exact", "error"),
    ("pathSuffix: '*'", "warning"),
    ("pathType: ImplementationSpecific, pathSuffix: '*'", None),
    ("pathType: ImplementationSpecific, ingressClassName: gce", "warning"),
    ("pathType: ImplementationSpecific, ingressClassName: nginx", None),
    ("annotations: {nginx.ingress.kubernetes.io/rewrite-target: /}", "warning"),
    ("annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$1}", "warning"),
    ("annotations: {nginx.ingress.kubernetes.io/rewrite-target: /jupyter/$1}", None),
])  # fmt: skip
def test_ingress_paths(reported, ingress, severity):
    result = reported(f"""\
          baseUrl: /jupyter/
        ingress: {{enabled: true, hosts: [hub.example.org], {ingress}}}
        """)
    assert [s for _, s, _ in result] == [severity] * bool(severity)


def test_a_probe_with_another_handler_is_an_error(reported):
    result = reported("proxy: {chp: {livenessProbe: {httpGet: {path: /, port: 8000}}}}\n")
    assert list(result) == [("probe", "error", "proxy.chp.livenessProbe.httpGet")]
