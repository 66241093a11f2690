"""Report network policies that cut a pod off from something it needs.

As in the public chart, each of `egressAllowRules` opens a part of the network, `egress` adds
Kubernetes rules, and the chart's own pods can always reach each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from ...config.errors import MISSING, Problem
from ...config.suggestions import did_you_mean
from ...config.values import Values
from .. import queries

POLICIES = ("hub", "singleuser", "proxy.chp", "proxy.traefik")
DNS_RULES = (
    "dnsPortsCloudMetadataServer",
    "dnsPortsKubeSystemNamespace",
    "dnsPortsPrivateIPs",
)
# rules that allow every port of any address of their kind
OPEN_RULES = ("privateIPs", "nonPrivateIPs")
DNS, API = (53,), (443, 6443)
# fields of the rules of a NetworkPolicy
RULE_FIELDS = {"ingress": ("from", "ports"), "egress": ("to", "ports")}
DATABASE_PORTS = {"mysql": 3306, "postgres": 5432}


def findings(values: Values) -> Iterator[Problem]:
    """Yield policies without DNS, and hubs without the Kubernetes API or their database."""
    for pod in POLICIES:
        key = f"{pod}.networkPolicy"
        yield from _shape(values, key)
        if queries.is_on(values, f"{key}.enabled"):
            if _is_closed(values, key, DNS_RULES) and not _opens(values, key, DNS):
                yield _cut(values, key, "from DNS, so it cannot resolve names", DNS)
            if pod == "hub":
                yield from _of_hub(values, key)


def _shape(values: Values, key: str) -> Iterator[Problem]:
    """Yield the fields of rules that Kubernetes does not know, or that are not lists."""
    for part, fields in RULE_FIELDS.items():
        for path, rule in queries.mappings(values, f"{key}.{part}"):
            for field, value in rule.items():
                at = (*path, str(field))
                if field not in fields:
                    yield values.problem(
                        at, f"a rule of {part} has no field {field}, so helm upgrade fails",
                        given=MISSING, expected=" and ".join(fields), rule="pod-rejected",
                        hint=did_you_mean(str(field), fields),
                    )  # fmt: skip
                elif value is not None and not isinstance(value, list):
                    yield values.problem(
                        at, f"{field} must be a list, so Kubernetes rejects the network policy",
                        given=MISSING, expected=f"a list: {field}: [{{…}}]", rule="pod-rejected",
                    )  # fmt: skip


def _of_hub(values: Values, key: str) -> Iterator[Problem]:
    if _is_closed(values, key) and not _opens(values, key, API):
        yield _cut(values, key, "from the Kubernetes API, so no server can start", API)
    host, port = _database(values)
    if not host or _opens(values, key, (port,)):
        return
    needed = {True: ("privateIPs",), False: ("nonPrivateIPs",), None: OPEN_RULES}[_is_private(host)]
    if _is_closed(values, key, needed):
        yield _cut(values, key, f"from its database, {host}", (port,))


def _database(values: Values) -> tuple[str, int]:
    kind, url = values.get("hub.db.type"), values.get("hub.db.url")
    if not isinstance(kind, str) or kind not in DATABASE_PORTS or not isinstance(url, str):
        return "", 0
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or DATABASE_PORTS[kind]
    except ValueError:
        return "", 0


def _is_private(host: str) -> bool | None:
    """Return whether `host` is in a private network; None if its name does not show it."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return True if "." not in host or ".svc" in host or host.endswith(".local") else None


def _is_closed(values: Values, key: str, rules: tuple[str, ...] = OPEN_RULES) -> bool:
    opened = queries.mapping(values, f"{key}.egressAllowRules")
    return not any(opened.get(rule) for rule in rules)


def _opens(values: Values, key: str, ports: tuple[int, ...]) -> bool:
    """Return whether a rule of `egress` allows one of `ports`, to any address."""
    rules = values.get(f"{key}.egress")
    return any(_lets_out(rule, ports) for rule in queries.as_list(rules))


def _lets_out(rule: Any, ports: tuple[int, ...]) -> bool:
    listed = queries.as_list(queries.as_mapping(rule).get("ports"))
    if not listed:
        return isinstance(rule, dict)
    return any(_has(port, ports) for port in listed)


def _has(port: Any, ports: tuple[int, ...]) -> bool:
    port = queries.as_mapping(port)
    first = port.get("port")
    if not queries.is_number(first):
        return True  # a name, or every port
    last = port.get("endPort", first)
    return any(first <= p <= (last if queries.is_number(last) else first) for p in ports)


def _cut(values: Values, key: str, what: str, ports: tuple[int, ...]) -> Problem:
    return values.problem(
        f"{key}.egressAllowRules",
        f"the network policy cuts {key.split('.')[-2]} off {what}",
        given=MISSING,
        expected=f"a rule in {key}.egress for port {' or '.join(map(str, ports))}",
        hint="allow the port in egress, or enable one of egressAllowRules",
        severity="warning",
        rule="network-cut",
    )
