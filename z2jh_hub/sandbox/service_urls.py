"""Find services whose URL leads nowhere from the pod of the proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..config.values import Values
from . import load_config
from .network import HUB_PORT, LOCAL, host_of, port_of


def unreachable(loaded: load_config.Loaded) -> list[dict[str, Any]]:
    """Return the failing services, in the form of `dry_start.failures`.

    `problem` is "local" (an address of the hub pod itself), "taken" (the hub's own port),
    "port" (the hub's Service does not have it) or "policy" (the network policy closes it).
    """
    hub = loaded.config.get("JupyterHub", {})
    services = hub.get("services")
    return [
        {
            "classes": ["JupyterHub"],
            "trait": "services",
            "path": [str(index), "url"],
            "entry": str(service.get("name", "")),
            "value": service["url"],
            "place": loaded.places.get(("JupyterHub", "services")),
            "frames": [],
            "problem": problem,
            "port": port_of(service["url"]),
        }
        for index, service in enumerate(services if isinstance(services, list) else ())
        if isinstance(service, dict) and isinstance(service.get("url"), str)
        for problem in _problems(loaded.values, service["url"])
    ]


def _problems(values: Values, url: str) -> Iterator[str]:
    host, port = host_of(url), port_of(url)
    if host in LOCAL:
        yield "local"
    elif host.partition(".")[0] == values.name("hub") and port is not None:
        if port == HUB_PORT:
            yield "taken"
        elif all(one.get("port") != port for one in _extra_ports(values)):
            yield "port"
        elif not _is_open(values, port):
            yield "policy"


def _extra_ports(values: Values) -> list[Mapping[str, Any]]:
    return _mappings(values.get("hub.service.extraPorts"))


def _is_open(values: Values, port: int) -> bool:
    """Return whether the network policy lets the proxy connect to a port of the hub pod."""
    if values.get("hub.networkPolicy.enabled") is not True:
        return True
    named = [one for one in _extra_ports(values) if one.get("port") == port]
    targets = {port, *(one.get("targetPort") for one in named), *(one.get("name") for one in named)}
    for rule in _mappings(values.get("hub.networkPolicy.ingress")):
        ports = _mappings(rule.get("ports"))
        if not ports or any(one.get("port") in targets for one in ports):
            return True
    return False


def _mappings(node: Any) -> list[Mapping[str, Any]]:
    return [item for item in node if isinstance(item, dict)] if isinstance(node, list) else []
