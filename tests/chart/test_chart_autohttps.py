"""traefik gets certificates from Let's Encrypt, and they are saved in a Secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.charts import Objects, render

from z2jh_hub.chores.cluster import ACCOUNT

LETSENCRYPT = """
proxy:
  https:
    enabled: true
    hosts: [a.example, b.example]
    letsencrypt: {contactEmail: me@a.example}
  traefik: %s
"""


def rendered(traefik: str = "{}") -> Objects:
    return render(LETSENCRYPT % traefik)


def config(name: str, traefik: str = "{}") -> Any:
    return yaml.safe_load(rendered(traefik)["ConfigMap/autohttps"]["data"][name])


@pytest.mark.parametrize(
    "https",
    [
        "enabled: false",
        "enabled: true, type: offload",
        "enabled: true, type: secret, secret: {name: s}",
    ],
)
def test_autohttps_exists_only_for_letsencrypt(https: str) -> None:
    assert not [n for n in render(f"proxy: {{https: {{{https}}}}}") if "autohttps" in n]


def test_only_the_containers_that_save_certificates_have_the_token() -> None:
    """traefik is reachable from the internet, and the token can create Secrets."""
    values = "{extraInitContainers: [{name: own, image: own:1}]}"
    pod = rendered(values).pod("Deployment/autohttps")
    assert pod["automountServiceAccountToken"] is False
    (tokens,) = [v for v in pod["volumes"] if "serviceAccountToken" in str(v)]
    containers = [*pod["initContainers"], *pod["containers"]]
    mounts = {
        container["name"]: mount["mountPath"]
        for container in containers
        for mount in container.get("volumeMounts", [])
        if mount["name"] == tokens["name"]
    }
    where = str(ACCOUNT)
    assert mounts == {"load-acme": where, "secret-sync": where}
    assert len(containers) == 4


def test_certificates_use_the_http_challenge() -> None:
    static = config("traefik.yaml")
    acme = static["certificatesResolvers"]["default"]["acme"]
    assert acme["email"] == "me@a.example"
    assert acme["storage"] == "/etc/acme/acme.json"
    assert acme["httpChallenge"]["entryPoint"] in static["entryPoints"]
    domains = config("dynamic.yaml")["http"]["routers"]["default"]["tls"]["domains"]
    assert domains == [{"main": "a.example"}, {"main": "b.example"}]


def test_every_name_in_the_dynamic_configuration_is_defined() -> None:
    static, dynamic = config("traefik.yaml"), config("dynamic.yaml")["http"]
    for router in dynamic["routers"].values():
        assert router["service"] in dynamic["services"]
        assert set(router["middlewares"]) <= set(dynamic["middlewares"])
        assert set(router["entrypoints"]) <= set(static["entryPoints"])
        if "tls" in router:
            assert router["tls"]["certResolver"] in static["certificatesResolvers"]


def test_requests_go_to_the_proxy() -> None:
    (server,) = config("dynamic.yaml")["http"]["services"]["default"]["loadBalancer"]["servers"]
    assert server == {"url": "http://proxy-http:8000/"}
    service = rendered()["Service/proxy-http"]["spec"]
    assert service["ports"] == [{"port": 8000, "targetPort": "http"}]
    assert service["selector"]["component"] == "proxy"


def test_secrets_stay_out_of_the_access_log() -> None:
    hidden = config("traefik.yaml")["accessLog"]["fields"]["headers"]["names"]
    assert {"Authorization", "Cookie", "Set-Cookie", "X-Xsrftoken"} == set(hidden)
    assert set(hidden.values()) == {"redacted"}


def test_extra_configuration_is_merged() -> None:
    traefik = "{extraStaticConfig: {log: {level: INFO}, entryPoints: {ssh: {address: ':8022'}}}}"
    static = config("traefik.yaml", traefik)
    assert static["log"] == {"level": "INFO"}
    assert set(static["entryPoints"]) == {"http", "https", "ssh"}
    dynamic = config("dynamic.yaml", "{extraDynamicConfig: {tcp: {routers: {}}}}")
    assert {"http", "tcp", "tls"} == set(dynamic)


def test_hsts_is_a_number_of_seconds() -> None:
    hsts = config("dynamic.yaml", "{hsts: {maxAge: 31536000, preload: true}}")
    headers = hsts["http"]["middlewares"]["hsts"]["headers"]
    assert headers == {"stsIncludeSubdomains": False, "stsPreload": True, "stsSeconds": 31536000}


def test_store_is_restored_before_traefik_starts_and_saved_while_it_runs() -> None:
    pod = rendered().pod("Deployment/autohttps")
    load, watch = pod["initContainers"][0], pod["containers"][1]
    where = ["--secret=proxy-public-tls-acme", "--file=/etc/acme/acme.json"]
    assert load["args"] == ["z2jh", "acme", "sync", "load", *where]
    assert watch["args"][:6] == ["z2jh", "acme", "sync", "watch", *where]
    users = {c["securityContext"]["runAsUser"] for c in [load, *pod["containers"]]}
    assert len(users) == 1, "traefik refuses a store that is another's"


def test_role_may_change_only_one_secret() -> None:
    rules = rendered()["Role/autohttps"]["rules"]
    assert rules[0]["resourceNames"] == ["proxy-public-tls-acme"]
    assert [rule["verbs"] for rule in rules] == [["get", "update"], ["create"]]
