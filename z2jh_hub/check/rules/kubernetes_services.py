"""Report settings of the chart's Services that Kubernetes or the load balancer refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.suggestions import closest
from ...config.values import Values
from .. import queries

# the range of an API server without --service-node-port-range
NODE_PORTS = range(30000, 32768)
PORTS = range(1, 65536)
# Service → its keys of ports on every node, and the names of its own ports
SERVICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hub.service": (("ports.nodePort",), ("hub",)),
    "proxy.service": (("nodePorts.http", "nodePorts.https"), ("http", "https")),
}
# types whose Services have a port on every node
WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
PORT_FIELDS = ("name", "protocol", "port", "targetPort", "nodePort", "appProtocol")
PROTOCOLS = ("TCP", "UDP", "SCTP")
_PORT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def findings(values: Values) -> Iterator[Problem]:
    """Yield ports and addresses that the Services cannot have."""
    for key, (node_ports, own) in SERVICES.items():
        if values.get(f"{key}.type") == "ExternalName":
            yield _rejected(values, f"{key}.type", "a Service of this type leads to another host",
                            "ClusterIP, NodePort or LoadBalancer")  # fmt: skip
        used: dict[int, str] = {}
        for name in node_ports:
            yield from _node_port(values, key, (*key.split("."), *name.split(".")), used)
        yield from _extra_ports(values, key, own, used)
        yield from _addresses(values, key)


def _rejected(
    values: Values, key: str | Path, message: str, expected: str, hint: str = "", **details: Any
) -> Problem:
    return values.problem(
        key, f"{message}, so Kubernetes rejects the Service", expected=expected, hint=hint,
        rule="service-rejected", **details,
    )  # fmt: skip


def _node_port(values: Values, key: str, path: Path, used: dict[int, str]) -> Iterator[Problem]:
    port = values.get(path)
    if not isinstance(port, int) or isinstance(port, bool) or port == 0:
        return  # 0 lets Kubernetes choose
    kind = values.get(f"{key}.type")
    if port not in NODE_PORTS:
        yield _rejected(
            values, path, "a port on every node is outside the cluster's range",
            "a number from 30000 to 32767",
            "port 80 or 443 needs proxy.service.type: LoadBalancer, or an Ingress"
            if port in (80, 443) else "remove the key, and Kubernetes chooses a free port",
        )  # fmt: skip
    elif kind not in WITH_NODE_PORTS:
        yield _rejected(
            values, path, f"a Service of the type {kind} has no port on the nodes",
            f"{key}.type: NodePort or LoadBalancer, or no such port",
        )  # fmt: skip
    elif port in used:
        yield _rejected(values, path, f"{used[port]} has the same port", "another port")
    used.setdefault(port, ".".join(path))


def _extra_ports(
    values: Values, key: str, own: tuple[str, ...], used: dict[int, str]
) -> Iterator[Problem]:
    names = list(own)
    for index, port in enumerate(queries.as_list(values.get(f"{key}.extraPorts"))):
        path = (*key.split("."), "extraPorts", str(index))
        if not isinstance(port, dict):
            yield _rejected(values, path, "this is not a port", "a mapping: {name: …, port: …}",
                            given=MISSING)  # fmt: skip
            continue
        for field in port.keys() - set(PORT_FIELDS):
            near = closest(str(field), PORT_FIELDS)
            yield _rejected(values, (*path, str(field)), f"a port has no field {field}",
                            f"one of {', '.join(PORT_FIELDS)}",
                            f"did you mean {near}?" if near else "", given=MISSING)  # fmt: skip
        name = port.get("name")
        if name is None:
            yield _rejected(values, path, "a port beside others needs a name", "name: …",
                            given=MISSING)  # fmt: skip
        elif not isinstance(name, str) or not _PORT_NAME.fullmatch(name):
            yield _rejected(values, (*path, "name"), "invalid name of a port",
                            "lower-case letters, digits and -")  # fmt: skip
        elif name in names:
            yield _rejected(values, (*path, "name"), f"two ports are named {name}", "another name")
        names.append(str(name))
        if port.get("protocol") not in (None, *PROTOCOLS):
            yield _rejected(values, (*path, "protocol"), "no such protocol", ", ".join(PROTOCOLS))
        for field, required in (("port", True), ("targetPort", False)):
            yield from _number(values, (*path, field), port.get(field), required=required)
        yield from _node_port(values, key, (*path, "nodePort"), used)


def _number(values: Values, path: Path, port: Any, *, required: bool) -> Iterator[Problem]:
    names_one = isinstance(port, str) and not required and not port.isdigit()
    if port is None and required:
        yield _rejected(values, path[:-1], "port is missing", "port: a number", given=MISSING)
    elif port is not None and not names_one and (isinstance(port, bool) or port not in PORTS):
        yield _rejected(values, path, "this is not a port", "a number from 1 to 65535")


def _addresses(values: Values, key: str) -> Iterator[Problem]:
    address = values.get(f"{key}.loadBalancerIP")
    if isinstance(address, str) and address and not _accepts(ip_address, address):
        yield values.problem(
            f"{key}.loadBalancerIP", "this is not an IP address, so the Service gets no address",
            expected="an IP address, such as 192.0.2.10",
            hint="a name of a reserved address belongs in an annotation of the Service",
            rule="service-rejected",
        )  # fmt: skip
    for index, address in enumerate(queries.as_list(values.get(f"{key}.externalIPs"))):
        if not _accepts(ip_address, address):
            yield _rejected(values, f"{key}.externalIPs.{index}", "this is not an IP address",
                            "an IP address, such as 192.0.2.10")  # fmt: skip
    yield from _ranges(values, key)


def _ranges(values: Values, key: str) -> Iterator[Problem]:
    ranges = queries.as_list(values.get(f"{key}.loadBalancerSourceRanges"))
    kind = values.get(f"{key}.type")
    if ranges and kind != "LoadBalancer":
        yield _rejected(
            values, f"{key}.loadBalancerSourceRanges",
            f"a Service of the type {kind} has no load balancer", f"{key}.type: LoadBalancer",
            "restrict the addresses with an annotation of the Ingress", given=MISSING,
        )  # fmt: skip
    for index, text in enumerate(ranges):
        right = isinstance(text, str) and "/" in text
        if not right or not _accepts(lambda given: ip_network(given, strict=False), text.strip()):
            single = isinstance(text, str) and _accepts(ip_address, text.strip())
            bits = "128" if single and ":" in text else "32"
            yield _rejected(
                values, f"{key}.loadBalancerSourceRanges.{index}",
                "this is not a range of addresses",
                "a range in CIDR notation, such as 192.0.2.0/24",
                f"for a single address, write {text.strip()}/{bits}" if single else "",
            )  # fmt: skip


def _accepts(parse: Callable[[str], object], text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(parse(text.strip()))
    except ValueError:
        return False
