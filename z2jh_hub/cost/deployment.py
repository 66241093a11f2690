"""Read from values what costs money: servers, placeholders, core pods, culling and disks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.values import Values
from . import CostError, servers
from .packing import Pod
from .plain_servers import amount
from .running import Culling
from .servers import Server

# shares of the profiles in the values: {slug: number}
SHARES = "custom.cost.shares"
RESOURCES = ("cpu", "memory")


@dataclass(frozen=True)
class Deployment:
    """What of a deployment costs money. Sizes are bytes."""

    servers: Sequence[Server]
    culling: Culling
    core_pods: Sequence[Pod] = ()
    placeholder: Pod | None = None
    placeholders: int = 0
    #: the chart's user scheduler fills nodes one after the other
    packs: bool = True
    load_balancers: int = 1
    database: float = 0
    most_servers: int | None = None
    notes: Sequence[str] = ()


def read(
    values: Values, shares: Mapping[str, float] | None = None, *, run_anyway: bool = False
) -> Deployment:
    """Return the deployment of values. Raises CostError, ConfigError."""
    kinds, notes = servers.servers(values, shares or _shares(values), run_anyway=run_anyway)
    placeholder = values.get("scheduling.userPlaceholder") or {}
    replicas = placeholder.get("replicas") if placeholder.get("enabled") else 0
    database = values.get("hub.db.type") == "sqlite-pvc"
    limit = values.get("hub.activeServerLimit")
    return Deployment(
        servers=kinds,
        culling=_culling(values),
        core_pods=list(_core_pods(values)),
        placeholder=Pod("placeholder", _placeholder_requests(values, placeholder)),
        placeholders=replicas if isinstance(replicas, int) else 0,
        packs=bool(values.get("scheduling.userScheduler.enabled")),
        load_balancers=_load_balancers(values),
        database=amount(values.get("hub.db.pvc.storage")) if database else 0,
        most_servers=limit if isinstance(limit, int) and limit > 0 else None,
        notes=[*notes, *_notes(values)],
    )


def _shares(values: Values) -> dict[str, float]:
    shares = values.get(SHARES) or {}
    if not isinstance(shares, dict):
        raise CostError(f"{_place(values, SHARES)}: expected: a mapping of profiles to numbers")
    for name, share in shares.items():
        number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if not number or not 0 <= share < float("inf"):
            where = _place(values, f"{SHARES}.{name}")
            raise CostError(f"{where}: the share is not a number; expected: 0 or more")
    if shares and not sum(shares.values()):
        raise CostError(f"{_place(values, SHARES)}: at least one share must be more than 0")
    return shares


def _place(values: Values, key: str) -> str:
    origin = values.origin(key)
    return f"{key} ({origin})" if origin else key


def _culling(values: Values) -> Culling:
    cull = values.get("cull") or {}
    timeout = _seconds(cull, "timeout", 3600) if cull.get("enabled") else None
    age = _seconds(cull, "maxAge", 0) if cull.get("enabled") else 0
    return Culling(timeout, _seconds(cull, "every", 600), age)


def _seconds(cull: Mapping[str, Any], key: str, default: float) -> float:
    value = cull.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return default
    return max(0.0, float(value))


def _placeholder_requests(values: Values, placeholder: Mapping[str, Any]) -> dict[str, float]:
    """Return what the chart's placeholders request: by default, what a server does."""
    resources = placeholder.get("resources")
    if resources:
        return requests(resources)
    user = values.get("singleuser") or {}
    extra = user.get("extraResource") or {}
    sizes = {name: user.get(name) or {} for name in RESOURCES}
    guarantees = {name: size.get("guarantee") for name, size in sizes.items()}
    limits = {name: size.get("limit") for name, size in sizes.items()}
    return requests({
        "requests": guarantees | (extra.get("guarantees") or {}),
        "limits": limits | (extra.get("limits") or {}),
    })  # fmt: skip


def requests(resources: Any) -> dict[str, float]:
    """Return what a container with these `resources` requests: by default, its limits."""
    if not isinstance(resources, Mapping):
        return {}
    return {
        str(name): number
        for part in ("limits", "requests")
        for name, text in (resources.get(part) or {}).items()
        if (number := amount(text))
    }


# the core pods: the key of their resources, and the key of their number
_CORE = {
    "hub": ("hub.resources", None),
    "proxy": ("proxy.chp.resources", None),
    "user-scheduler": ("scheduling.userScheduler.resources", "scheduling.userScheduler.replicas"),
    "autohttps": ("proxy.traefik.resources", None),
}


def _core_pods(values: Values) -> Iterator[Pod]:
    https = values.get("proxy.https") or {}
    disabled = {
        "user-scheduler": not values.get("scheduling.userScheduler.enabled"),
        "autohttps": not (https.get("enabled") and https.get("type") == "letsencrypt"),
    }
    for name, (resources, replicas) in _CORE.items():
        number = values.get(replicas, 1) if replicas else 1
        for _ in range(0 if disabled.get(name) or not isinstance(number, int) else min(number, 9)):
            yield Pod(name, requests(values.get(resources)))


def _load_balancers(values: Values) -> int:
    """Return the number of load balancers, that of an Ingress controller or Gateway included."""
    public = values.get("proxy.service.type") == "LoadBalancer"
    others = values.get("ingress.enabled") or values.get("httpRoute.enabled")
    return int(public) + int(bool(others))


def _notes(values: Values) -> Iterator[str]:
    kind = values.get("singleuser.storage.type")
    if kind == "static":
        yield "homes are on an existing volume (singleuser.storage.static), which is not included"
    if kind == "hostPath":
        yield "homes are on the disks of the nodes (singleuser.storage.type: hostPath)"
    if values.get("hub.db.type") in ("postgres", "mysql", "other"):
        yield "the hub's external database is not included"
    if values.get("hub.allowNamedServers"):
        yield "one server and one home for each user are assumed; named servers are not included"
