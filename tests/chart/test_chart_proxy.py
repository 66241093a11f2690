"""The proxy, its Services, and the access from outside."""

from __future__ import annotations

import base64
import json

import pytest
from support.charts import render


def ports(values: str, service: str = "proxy-public") -> dict:
    listed = render(values)[f"Service/{service}"]["spec"]["ports"]
    return {p["name"]: (p["port"], p["targetPort"]) for p in listed}


LETSENCRYPT = "hosts: [h.example], letsencrypt: {contactEmail: a@h.example}"


@pytest.mark.parametrize(
    ("https", "https_port"),
    [
        ("enabled: false", None),
        (f"enabled: true, {LETSENCRYPT}", "https"),
        ("enabled: true, type: manual, manual: {key: k, cert: c}", "https"),
        ("enabled: true, type: secret, secret: {name: s}", "https"),
        ("enabled: true, type: offload", "http"),
    ],
)
def test_https_port_targets_the_program_that_terminates_tls(
    https: str, https_port: str | None
) -> None:
    service_ports = ports(f"proxy: {{https: {{{https}}}}}")
    assert service_ports.get("https") == (https_port and (443, https_port))
    assert service_ports["http"] == (80, "http")


def test_autohttps_terminates_tls_with_letsencrypt() -> None:
    service = render(f"proxy: {{https: {{enabled: true, {LETSENCRYPT}}}}}")["Service/proxy-public"]
    assert service["spec"]["selector"]["component"] == "autohttps"


def test_https_without_hosts_leaves_tls_to_the_ingress() -> None:
    values = """
        proxy: {https: {enabled: true, letsencrypt: {contactEmail: a@h.example}}}
        ingress: {enabled: true, hosts: [h.example]}
        """
    service = render(values)["Service/proxy-public"]["spec"]
    assert service["selector"]["component"] == "proxy"
    assert [p["name"] for p in service["ports"]] == ["http"]


def test_a_manual_certificate_is_served_by_the_proxy() -> None:
    values = "proxy: {https: {enabled: true, type: manual, manual: {key: KEY, cert: CERT}}}"
    objects = render(values)
    assert objects.secret("proxy-public-manual-tls") == {"tls.key": "KEY", "tls.crt": "CERT"}
    container = objects.container("Deployment/proxy")
    assert "--ssl-key=/etc/chp/tls/tls.key" in container["args"]
    assert "--redirect-to=443" in container["args"]
    assert container["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"


def test_a_certificate_in_a_secret_is_mounted() -> None:
    values = "proxy: {https: {enabled: true, type: secret, secret: {name: s, key: k, crt: c}}}"
    pod = render(values).pod("Deployment/proxy")
    assert pod["volumes"][0] == {"name": "tls-secret", "secret": {"secretName": "s"}}
    assert "--ssl-cert=/etc/chp/tls/c" in pod["containers"][0]["args"]


def test_error_pages_are_mounted() -> None:
    objects = render()
    pod = objects.pod("Deployment/proxy")
    assert "--error-path=/etc/chp/error-pages" in pod["containers"][0]["args"]
    assert pod["volumes"] == [
        {"name": "error-pages", "configMap": {"name": "proxy-error-pages"}},
    ]
    page = objects["ConfigMap/proxy-error-pages"]["data"]["error.html"]
    assert "JupyterHub is restarting" in page


@pytest.mark.parametrize(
    ("chp", "flag"),
    [
        ("{errorTarget: 'http://pages/'}", "--error-target=http://pages/"),
        ("{extraCommandLineFlags: ['--error-target=http://x']}", "--error-target=http://x"),
        ("{extraCommandLineFlags: ['--error-path', /pages]}", "--error-path"),
    ],
)
def test_own_error_pages_replace_the_charts(chp: str, flag: str) -> None:
    objects = render(f"proxy: {{chp: {chp}}}")
    pod = objects.pod("Deployment/proxy")
    # the proxy does not start with both options
    assert [arg for arg in pod["containers"][0]["args"] if arg.startswith("--error-")] == [flag]
    assert "volumes" not in pod
    assert "ConfigMap/proxy-error-pages" not in objects


def test_node_ports_and_addresses_of_the_load_balancer() -> None:
    values = """
        proxy:
          service:
            type: NodePort
            nodePorts: {http: 30080}
            loadBalancerIP: 192.0.2.1
            externalIPs: [192.0.2.2]
            disableHttpPort: false
        """
    spec = render(values)["Service/proxy-public"]["spec"]
    assert (spec["type"], spec["ports"][0]["nodePort"]) == ("NodePort", 30080)
    assert (spec["loadBalancerIP"], spec["externalIPs"]) == ("192.0.2.1", ["192.0.2.2"])


def test_proxy_has_no_service_account_token() -> None:
    assert render().pod("Deployment/proxy")["automountServiceAccountToken"] is False


def test_targets_and_flags_are_templates() -> None:
    values = """
        proxy:
          chp:
            defaultTarget: http://{{ .Release.Name }}
            extraCommandLineFlags: ["--x={{ .Values.hub.baseUrl }}"]
        """
    args = render(values).container("Deployment/proxy")["args"]
    assert "--default-target=http://my-release" in args
    assert args[-1] == "--x=/"


def test_ingress_routes_the_base_url_and_everything_below() -> None:
    rules = render("hub: {baseUrl: /x}\ningress: {enabled: true, hosts: [a.example, b.example]}")[
        "Ingress/jupyterhub"
    ]["spec"]["rules"]
    assert [r["host"] for r in rules] == ["a.example", "b.example"]
    assert {r["http"]["paths"][0]["path"] for r in rules} == {"/x/"}


def test_ingress_without_hosts_accepts_all_hosts() -> None:
    (rule,) = render("ingress: {enabled: true}")["Ingress/jupyterhub"]["spec"]["rules"]
    assert "host" not in rule


def test_route_refers_to_its_gateway() -> None:
    route = render("httpRoute: {enabled: true, hostnames: [h.example], parentRefs: [{name: g}]}")[
        "HTTPRoute/jupyterhub"
    ]["spec"]
    assert (route["parentRefs"], route["hostnames"]) == ([{"name": "g"}], ["h.example"])
    assert route["rules"][0]["backendRefs"] == [{"name": "proxy-public", "port": 80}]


def test_pull_secret_has_dockers_format() -> None:
    objects = render(
        "imagePullSecret: {create: true, registry: r.example, username: u, password: p, email: e}"
    )
    login = json.loads(objects.secret("image-pull-secret")[".dockerconfigjson"])
    assert login["auths"]["r.example"] == {
        "username": "u",
        "password": "p",
        "email": "e",
        "auth": base64.b64encode(b"u:p").decode(),
    }
