"""Network policies: which pods reach which."""

from __future__ import annotations

import pytest
from support.charts import render

METADATA = "169.254.169.254/32"


def egress(name: str, values: object = None) -> list[dict]:
    return render(values)[f"NetworkPolicy/{name}"]["spec"]["egress"]


def reaches(rules: list[dict], cidr: str) -> bool:
    """Return whether a rule allows all ports of `cidr`."""
    return any(
        peer.get("ipBlock", {}).get("cidr") == cidr
        for rule in rules
        if "ports" not in rule
        for peer in rule["to"]
    )


@pytest.mark.parametrize(
    ("rule", "cidr"),
    [
        ("cloudMetadataServer", METADATA),
        ("nonPrivateIPs", "0.0.0.0/0"),
        ("privateIPs", "10.0.0.0/8"),
    ],
)
@pytest.mark.parametrize("allowed", [True, False])
def test_each_rule_allows_its_addresses(rule: str, cidr: str, allowed: bool) -> None:
    values = {"singleuser": {"networkPolicy": {"egressAllowRules": {rule: allowed}}}}
    assert reaches(egress("singleuser", values), cidr) is allowed


def test_users_do_not_reach_the_metadata_address() -> None:
    (everywhere,) = [
        peer["ipBlock"]
        for rule in egress("singleuser")
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    ]
    assert METADATA in everywhere["except"]
    assert not reaches(egress("singleuser"), METADATA)


def test_no_privileged_container_by_default() -> None:
    assert not render().values()["singleuser"]["cloudMetadata"].get("blockWithIptables")


def test_only_labelled_pods_reach_the_proxys_api() -> None:
    rules = render()["NetworkPolicy/proxy"]["spec"]["ingress"]
    (api,) = [r for r in rules if {"port": "api"} in r["ports"]]
    (peer,) = api["from"]
    assert peer["podSelector"]["matchLabels"] == {
        "hub.jupyter.org/network-access-proxy-api": "true"
    }
    labels = {
        name: pod["metadata"]["labels"].get("hub.jupyter.org/network-access-proxy-api")
        for name, pod in render().pods().items()
    }
    assert {name for name, label in labels.items() if label} == {"Deployment/hub"}


def test_labelled_pods_of_other_namespaces_are_allowed() -> None:
    values = {"hub": {"networkPolicy": {"interNamespaceAccessLabels": "accept"}}}
    (rule,) = render(values)["NetworkPolicy/hub"]["spec"]["ingress"]
    assert [sorted(peer) for peer in rule["from"]] == [
        ["namespaceSelector", "podSelector"],
        ["namespaceSelector"],
    ]


def test_own_rules_are_added() -> None:
    rule = {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}
    assert rule in egress("hub", {"hub": {"networkPolicy": {"egress": [rule]}}})


@pytest.mark.parametrize(
    ("part", "name"),
    [("hub", "hub"), ("singleuser", "singleuser")],
)
def test_disabled_policy_is_not_rendered(part: str, name: str) -> None:
    objects = render({part: {"networkPolicy": {"enabled": False}}})
    assert f"NetworkPolicy/{name}" not in objects
