"""Deprecated keys that templates read."""

from __future__ import annotations

import pytest
from support.charts import render


def test_user_and_group_of_the_hub() -> None:
    objects = render("hub: {uid: 5, fsGid: 6}")
    assert objects.container("Deployment/hub")["securityContext"]["runAsUser"] == 5
    assert objects.pod("Deployment/hub")["securityContext"]["fsGroup"] == 6


def test_uid_0_is_accepted() -> None:
    assert render("hub: {uid: 0}").container("Deployment/hub")["securityContext"]["runAsUser"] == 0


def test_pull_policy_of_the_hub() -> None:
    container = render("hub: {imagePullPolicy: Always}").container("Deployment/hub")
    assert container["imagePullPolicy"] == "Always"


def test_rbac_disabled_creates_neither_roles_nor_accounts() -> None:
    kinds = {name.split("/")[0] for name in render("rbac: {enabled: false}")}
    assert not kinds & {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    assert "ServiceAccount/hub" not in render("rbac: {enabled: false}")


def test_hosts_alone_enable_https() -> None:
    objects = render(
        "proxy: {https: {hosts: [h.example], letsencrypt: {contactEmail: a@h.example}}}"
    )
    assert objects["Service/proxy-public"]["spec"]["selector"]["component"] == "autohttps"


def test_disabled_https_stays_disabled() -> None:
    objects = render("proxy: {https: {enabled: false, hosts: [h.example]}}")
    assert objects["Service/proxy-public"]["spec"]["selector"]["component"] == "proxy"


def test_metadata_enabled_lets_users_reach_it() -> None:
    values = "singleuser: {cloudMetadata: {enabled: true}}"
    policy = render(values)["NetworkPolicy/singleuser"]["spec"]["egress"]
    assert {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}]} in policy


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_metadata_key_adds_no_privileged_container(enabled: str) -> None:
    values = render(f"singleuser: {{cloudMetadata: {{enabled: {enabled}}}}}").values()
    assert not values["singleuser"]["cloudMetadata"].get("blockWithIptables")


def test_deprecated_proxy_network_policy_can_be_disabled() -> None:
    values = "proxy: {networkPolicy: {enabled: false}}"
    assert "NetworkPolicy/proxy" not in render(values)


def test_command_of_the_proxy() -> None:
    objects = render("proxy: {chp: {cmd: [node, proxy.js]}}")
    assert objects.container("Deployment/proxy")["command"] == ["node", "proxy.js"]


def test_deprecated_secret_token_has_the_same_checksum() -> None:
    old = render("proxy: {secretToken: abc}")
    new = render("hub: {config: {ConfigurableHTTPProxy: {auth_token: abc}}}")
    key = "checksum/auth-token"
    assert (
        old.pods()["Deployment/proxy"]["metadata"]["annotations"][key]
        == new.pods()["Deployment/proxy"]["metadata"]["annotations"][key]
        != render().pods()["Deployment/proxy"]["metadata"]["annotations"][key]
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("hub: {uid: 5}", "`hub.uid` is deprecated; use `hub.containerSecurityContext.runAsUser`"),
        ("auth: {type: dummy}", "`auth` is deprecated; use `hub.config`"),
        (
            "hub: {extraConfig: 'x = 1'}",
            "`hub.extraConfig` is deprecated; use a map of named snippets",
        ),
    ],
)
def test_notes_list_deprecated_keys_first(values: str, message: str) -> None:
    first, second, *_ = render(values).notes.strip().splitlines()
    assert "z2jh migrate" in first
    assert second.strip() == message


def test_current_keys_are_not_listed() -> None:
    assert "migrate" not in render("hub: {containerSecurityContext: {runAsUser: 5}}").notes


def test_egress_replaces_the_defaults_in_a_file_with_deprecated_keys() -> None:
    egress = "singleuser: {networkPolicy: {egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}}"
    today, then = (
        render(values)["NetworkPolicy/singleuser"]["spec"]["egress"]
        for values in (egress, f"{egress}\nhub: {{uid: 5}}")
    )
    assert "0.0.0.0/0" in str(today)
    assert "0.0.0.0/0" not in str(then)
    assert "192.0.2.0/24" in str(then)


def test_a_part_of_a_map_is_merged() -> None:
    """`proxy.networkPolicy` applies to both proxies; other keys of theirs are unchanged."""
    values = "proxy: {networkPolicy: {egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}}"
    policy = str(render(values)["NetworkPolicy/proxy"])
    assert "192.0.2.0/24" in policy
    assert "network-access-proxy-api" in policy
