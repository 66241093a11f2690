"""No egress rule of user pods allows the address of a cloud metadata server."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import helm_python
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.charts import SCENARIOS, read, render
from support.records import of_corpora

from z2jh_hub.check.rules import metadata
from z2jh_hub.config.values import Values

pytestmark = pytest.mark.slow

CUSTOM = "198.51.100.1"
ADDRESSES = [
    ip_network(address)
    for address in (
        "169.254.169.254/32",
        "169.254.170.2/32",
        "168.63.129.16/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
]
Network = IPv4Network | IPv6Network


def rules(values: Any) -> list[Any]:
    return render(values)["NetworkPolicy/singleuser"]["spec"]["egress"]


def refusal(values: Any) -> str:
    """Return why the chart rejects the values, or an empty text."""
    try:
        render(values)
    except helm_python.HelmError as error:
        return str(error)
    return ""


def with_egress(egress: Any, **policy: Any) -> dict[str, Any]:
    return {"singleuser": {"networkPolicy": {"egress": egress, **policy}}}


def allows(rule: dict[str, Any], address: Network) -> bool:
    """Return whether a rule allows traffic to `address`, by the definition of Kubernetes."""
    peers = rule.get("to")
    return not peers or any(
        _contains(peer["ipBlock"]["cidr"], address)
        and not any(_contains(cidr, address) for cidr in peer["ipBlock"].get("except") or ())
        for peer in peers
        if "ipBlock" in peer
    )


def _contains(cidr: str, address: Network) -> bool:
    network = ip_network(cidr, strict=False)
    return network.version == address.version and address.subnet_of(network)  # type: ignore[arg-type]


def open_addresses(egress: list[Any], blocked: list[Network] = ADDRESSES) -> Iterator[str]:
    """Yield the metadata addresses that `egress` allows, except the cloud's DNS on port 53."""
    for rule in egress:
        dns = "ports" in rule and {port.get("port") for port in rule["ports"]} == {53}
        for address in blocked:
            if allows(rule or {}, address) and not (dns and address == ADDRESSES[0]):
                yield f"{address} by {rule}"


def valid(rule: dict[str, Any]) -> bool:
    """Return whether Kubernetes accepts the rule: every `except` is smaller than its `cidr`."""
    blocks = [peer["ipBlock"] for peer in rule.get("to") or () if "ipBlock" in peer]
    return all(
        _contains(block["cidr"], ip_network(cidr, strict=False))
        and ip_network(cidr, strict=False) != ip_network(block["cidr"], strict=False)
        for block in blocks
        for cidr in block.get("except") or ()
    )


def near(address: Network) -> st.SearchStrategy[str]:
    """Generate CIDRs that contain `address`, some of them with host bits set."""
    lengths = st.integers(0, address.max_prefixlen - 1)
    return st.one_of(
        lengths.map(lambda length: str(address.supernet(new_prefix=length))),
        lengths.map(lambda length: f"{address.network_address}/{length}"),
        lengths.map(lambda length: f"{address.network_address.exploded}/{length}".upper()),
    )


V4 = st.ip_addresses(v=4).flatmap(lambda ip: st.integers(0, 32).map(lambda n: f"{ip}/{n}"))
V6 = st.ip_addresses(v=6).flatmap(lambda ip: st.integers(0, 128).map(lambda n: f"{ip}/{n}"))
CIDRS = st.one_of(*map(near, ADDRESSES), V4, V6.filter(lambda cidr: "::ffff:" not in cidr))


@st.composite
def blocks(draw: st.DrawFn) -> dict[str, Any]:
    cidr = draw(CIDRS)
    outer = ip_network(cidr, strict=False)
    excepts = [
        other
        for other in draw(st.lists(CIDRS, max_size=3))
        if _contains(cidr, ip_network(other, strict=False))
        and ip_network(other, strict=False) != outer
    ]
    return {"ipBlock": {"cidr": cidr, **({"except": excepts} if excepts else {})}}


SELECTORS = st.sampled_from(
    [{"podSelector": {}}, {"namespaceSelector": {}}, {"podSelector": {"matchLabels": {"a": "b"}}}]
)
PORTS = st.lists(
    st.fixed_dictionaries({"port": st.sampled_from([53, 80, 443, "http"])}), max_size=3
)
RULES = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "to": st.one_of(st.none(), st.lists(st.one_of(blocks(), SELECTORS), max_size=3)),
            "ports": PORTS,
        },
    ),
)
ALLOW = st.dictionaries(
    st.sampled_from(
        ["dnsPortsCloudMetadataServer", "dnsPortsPrivateIPs", "nonPrivateIPs", "privateIPs"]
    ),
    st.booleans(),
)
# deprecated keys, with which `egress` replaces the other rules
OLD = st.sampled_from(
    [{}, {"hub": {"uid": 5}}, {"singleuser": {"cloudMetadata": {"enabled": False}}}]
)


@settings(max_examples=150, deadline=None)
@given(egress=st.lists(RULES, max_size=3), allow=ALLOW, old=OLD)
@example(egress=[{"ports": [{"port": 80}]}], allow={}, old={})
@example(egress=[None], allow={}, old={})
@example(egress=[{"to": []}], allow={}, old={})
def test_no_rule_allows_a_metadata_address(egress: Any, allow: Any, old: Any) -> None:
    values = with_egress(egress, egressAllowRules=allow)
    values = {**values, **{k: {**values.get(k, {}), **v} for k, v in old.items()}}
    egress_rules = refusal(values) or rules(values)
    if isinstance(egress_rules, str):
        assert "a CIDR that does not contain the address of a cloud metadata" in egress_rules
        assert any(only_metadata(peer) for rule in egress if rule for peer in rule.get("to") or ())
        return
    assert list(open_addresses(egress_rules)) == []
    assert all(map(valid, egress_rules))


def only_metadata(peer: Any) -> bool:
    return "ipBlock" in peer and ip_network(peer["ipBlock"]["cidr"], strict=False) in ADDRESSES


@settings(max_examples=100, deadline=None)
@given(block=blocks(), other=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_rule_still_allows_all_other_addresses(block: Any, other: Any) -> None:
    address = ip_network(other)
    if address in ADDRESSES or only_metadata(block):
        return
    rule = {"to": [block]}
    *_, rendered = rules(with_egress([rule]))
    assert allows(rendered, address) == allows(rule, address)


@pytest.mark.parametrize("rule", [{}, None, {"to": []}, {"to": None}, {"ports": [{"port": 80}]}])
def test_open_rule_still_allows_the_cluster_and_the_internet(rule: Any) -> None:
    *_, rendered = rules(with_egress([rule]))
    assert {"namespaceSelector": {}} in rendered["to"]
    assert rendered.get("ports") == (rule or {}).get("ports")
    for cidr in ("192.0.2.1/32", "10.0.0.1/32", "2001:db8::1/128", "169.254.20.10/32"):
        assert allows(rendered, ip_network(cidr))


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [
        ("169.254.169.254/32", "does not contain the address of a cloud metadata"),
        ("fd00:0ec2:0:0:0:0:0:254/128", "does not contain the address of a cloud metadata"),
        ("::ffff:a9fe:a9fe/128", "an IPv4 CIDR"),
        ("169.254.169.254", "a CIDR such as"),
        ("", "a CIDR such as"),
        ("0.0.0.0/0 ", "a CIDR such as"),
        ("fd00:ec2::0.0.2.84/128", "a CIDR such as"),
    ],
)
def test_rule_for_only_a_metadata_address_is_rejected(cidr: str, expected: str) -> None:
    with pytest.raises(helm_python.HelmError, match=r"egress\.0\.to\.0\.ipBlock") as error:
        render(with_egress([{"to": [{"ipBlock": {"cidr": cidr}}]}]))
    assert expected in str(error.value)


def test_own_address_is_blocked_with_the_known_ones() -> None:
    values = with_egress([{"ports": [{"port": 80}]}], egressAllowRules={"privateIPs": True})
    values["singleuser"]["cloudMetadata"] = {"ip": CUSTOM}
    own = [*ADDRESSES[1:], ip_network(f"{CUSTOM}/32")]
    dns, *others = rules(values)[3:]
    assert not list(open_addresses(others, own))
    assert allows(dns, ip_network(f"{CUSTOM}/32"))


def test_own_ipv6_address_is_blocked() -> None:
    values = with_egress([{}])
    values["singleuser"]["cloudMetadata"] = {"ip": "fd42::42"}
    assert not list(open_addresses(rules(values)[4:], [ip_network("fd42::42/128")]))
    assert all(map(valid, rules(values)))


@pytest.mark.parametrize(
    "allowed",
    [
        {"networkPolicy": {"egressAllowRules": {"cloudMetadataServer": True}}},
        {"cloudMetadata": {"enabled": True}},
    ],
)
def test_rules_are_unchanged_if_the_metadata_server_is_allowed(allowed: Any) -> None:
    rule = {"ports": [{"port": 80}], "to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}]}
    policy = {**allowed.get("networkPolicy", {}), "egress": [rule]}
    assert rule in rules({"singleuser": {**allowed, "networkPolicy": policy}})


def test_rules_of_other_pods_are_unchanged() -> None:
    rule = {"ports": [{"port": 80}]}
    policy = render({"hub": {"networkPolicy": {"egress": [rule]}}})["NetworkPolicy/hub"]
    assert rule in policy["spec"]["egress"]


@pytest.mark.parametrize("file", [pytest.param(s, id=s.stem) for s in SCENARIOS])
def test_scenarios_keep_users_from_the_metadata_server(file: Any) -> None:
    objects = render(read(file))
    if "NetworkPolicy/singleuser" in objects:
        egress_rules = objects["NetworkPolicy/singleuser"]["spec"]["egress"]
        assert not list(open_addresses(egress_rules))


@of_corpora("configs", "configs/corners", "guide")
def test_files_keep_users_from_the_metadata_server(file: Any) -> None:
    if file.stem == "4.5-metadata":  # allows the metadata server
        return
    try:
        values = read(file)
    except helm_python.HelmError:  # some snippets of the guide are not YAML
        return
    if refused := refusal(values):
        assert "metadata" not in refused
        return
    objects = render(values)
    if "NetworkPolicy/singleuser" in objects:
        egress_rules = objects["NetworkPolicy/singleuser"]["spec"]["egress"]
        assert not list(open_addresses(egress_rules))
        assert all(map(valid, egress_rules))


def test_check_knows_the_addresses_that_the_chart_blocks() -> None:
    assert tuple(map(str, ADDRESSES)) == metadata.ADDRESSES
    blocked = rules(with_egress([{}]))[-1]["to"]
    excepts = [cidr for peer in blocked[:2] for cidr in peer["ipBlock"]["except"]]
    assert sorted(excepts) == sorted(metadata.ADDRESSES)


@settings(max_examples=60, deadline=None)
@given(egress=st.lists(RULES, max_size=2))
def test_check_rejects_the_rules_that_the_chart_rejects(egress: Any) -> None:
    values = with_egress(egress)
    problems = metadata.findings(Values(values))
    assert any(problem.severity == "error" for problem in problems) is bool(refusal(values))
