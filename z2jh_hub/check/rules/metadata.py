"""Report user pods that can reach a cloud metadata server, or more than `egress` suggests.

A metadata server provides the credentials of the node. The chart excludes its addresses from
every egress rule of user pods, and rejects a rule for these addresses alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import queries

POLICY = ("singleuser", "networkPolicy")
EGRESS, RULES = (*POLICY, "egress"), (*POLICY, "egressAllowRules")
ALLOWED = ".".join((*RULES, "cloudMetadataServer"))
# tools/chart_tables.py writes them for the templates
ADDRESSES = (
    "169.254.169.254/32",  # AWS, Azure, Google Cloud, OpenStack and others
    "169.254.170.2/32",  # credentials of AWS ECS tasks
    "168.63.129.16/32",  # Azure's wire server
    "fd00:ec2::254/128",  # AWS over IPv6
    "fd20:ce::254/128",  # Google Cloud over IPv6
)
# IPv4-mapped IPv6 addresses, which Kubernetes warns about
MAPPED = ip_network("::ffff:0:0/96")
Network = IPv4Network | IPv6Network


def findings(values: Values) -> Iterator[Problem]:
    """Yield reachable metadata servers, CIDRs that the chart rejects, and rules without effect."""
    policy = ".".join(POLICY)
    if values.get(f"{policy}.enabled") is False:
        if not queries.is_on(values, "singleuser.cloudMetadata.blockWithIptables"):
            yield _no_policy(values, f"{policy}.enabled")
        return
    if not values.get(ALLOWED):
        for path, block in _blocks(values):
            yield from _refused(values, path, block)
    if values.get(EGRESS) and values.given_at(RULES) is None and _is_open(values):
        yield _adds(values)


def _no_policy(values: Values, key: str) -> Problem:
    return values.problem(
        key,
        "user pods can reach the cloud metadata server and use the node's credentials",
        expected="true, on a cluster whose network plugin enforces NetworkPolicy",
        hint="singleuser.cloudMetadata.blockWithIptables: true blocks it without a NetworkPolicy",
        severity="warning",
        rule="metadata-server",
    )


def _is_open(values: Values) -> bool:
    return bool(queries.mapping(values, RULES).get("nonPrivateIPs"))


def _adds(values: Values) -> Problem:
    return values.problem(
        EGRESS,
        "egress adds to the default rules, so user pods still reach the internet",
        given=MISSING,
        expected="singleuser.networkPolicy.egressAllowRules, set as well",
        hint="set its nonPrivateIPs to false to allow only what egress lists, or to true to keep "
        "internet access",
        severity="warning",
        rule="egress-adds",
    )


def _blocks(values: Values) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, rule in queries.mappings(values, EGRESS):
        for peer_path, peer in queries.inner((*path, "to"), rule.get("to")):
            block = peer.get("ipBlock")
            if isinstance(block, dict) and block:
                yield (*peer_path, "ipBlock"), block


def _refused(values: Values, path: Path, block: dict[str, Any]) -> Iterator[Problem]:
    cidr = block.get("cidr", MISSING)
    excepts = [
        ((*path, "except", str(n)), c) for n, c in enumerate(queries.as_list(block.get("except")))
    ]
    for at, entry in [((*path, "cidr"), cidr), *excepts]:
        network = _network(entry)
        if network is None:
            yield _wrong(values, at, entry, "a CIDR such as 10.0.0.0/8 or fd00::/8")
        elif network.version == 6 and network.subnet_of(MAPPED):  # type: ignore[arg-type]
            yield _wrong(values, at, entry, "an IPv4 CIDR such as 10.0.0.0/8")
    network = _network(cidr)
    if network is not None and network in _blocked(values):
        yield _wrong(
            values, (*path, "cidr"), cidr, "a CIDR other than the cloud metadata server",
            hint=f"{ALLOWED}: true lets users reach it; "
            "dnsPortsCloudMetadataServer: true lets them use its DNS",
        )  # fmt: skip


def _blocked(values: Values) -> list[Network]:
    own = values.get("singleuser.cloudMetadata.ip")
    addresses = (f"{own}/{128 if ':' in str(own) else 32}", *ADDRESSES)
    return [net for net in map(_network, addresses) if net is not None]


def _network(text: Any) -> Network | None:
    try:
        return ip_network(text, strict=False) if isinstance(text, str) and "/" in text else None
    except ValueError:
        return None


def _wrong(values: Values, path: Path, entry: Any, expected: str, hint: str = "") -> Problem:
    return values.problem(
        path, "invalid CIDR for egress of user pods", given=entry, expected=expected,
        hint=hint, rule="metadata-server",
    )  # fmt: skip
