"""Small plans whose cost can be computed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from z2jh_hub.cost.deployment import Deployment
from z2jh_hub.cost.packing import Pod
from z2jh_hub.cost.patterns import Pattern
from z2jh_hub.cost.plan import Plan
from z2jh_hub.cost.price_lists import GIB, NodeType, PriceList
from z2jh_hub.cost.running import Culling
from z2jh_hub.cost.servers import Server

# 4 CPU and 8 GiB for pods, at 0.10 an hour; a large one, and one with a GPU
SMALL = NodeType("small", {"cpu": 4, "memory": 8 * GIB, "pods": 20, "volumes": 16}, 0.10, 0.04)
LARGE = NodeType("large", {"cpu": 8, "memory": 64 * GIB, "pods": 100, "volumes": 100}, 0.50, 0.2)
GPU = NodeType(
    "gpu", {"cpu": 4, "memory": 8 * GIB, "pods": 20, "volumes": 16, "nvidia.com/gpu": 1}, 1.0
)

PRICES = PriceList(
    provider="A cloud", region="here", date="2026-11-28", source="a test", currency="EUR",
    uncertainty=0.1, user="small", core="small", nodes=[SMALL, LARGE, GPU], node_disk=7.3,
    disk=0.1, control_plane=70, load_balancer=20,
)  # fmt: skip


def server(name: str = "server", share: float = 1.0, home: float = 10, **requests: float) -> Server:
    """Return a server that requests 1 GiB, and has a home of `home` GiB."""
    needs = {"memory": GIB, "volumes": 1 if home else 0, **requests}
    return Server(Pod(name, needs, share), [home * GIB] if home else [])


def hours(**by_hour: float) -> list[float]:
    """Return a pattern from the shares of some hours: `hours(h10=1)` is Monday, 10 o'clock."""
    return [by_hour.get(f"h{at}", 0.0) for at in range(168)]


def plan(users: int = 10, shares: list[float] | None = None, **changes: Any) -> Plan:
    """Return a plan of servers that are culled at once; `changes` are those of the deployment."""
    deployment = Deployment([server()], Culling(0, 0), placeholder=Pod("placeholder", {}))
    pattern = Pattern("a test", shares or [1.0] * 168, turnover=0)
    return Plan(replace(deployment, **changes), PRICES, pattern, users)
