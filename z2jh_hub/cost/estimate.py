"""Compute the monthly cost of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, inf

from .nodes import nodes_by_step
from .packing import BLOCK, Packing, interleaved, per_node
from .plan import Plan
from .price_lists import NodeType
from .running import HOURS, STEPS, STEPS_PER_HOUR, running

HOURS_A_MONTH = 730
COMPONENTS = ("user nodes", "core nodes", "control plane", "disks", "load balancer")


@dataclass(frozen=True)
class Assumptions:
    """What is uncertain: each is lower or higher in the bounds of the range.

    turnover   factor of the pattern's turnover
    checks     share of the interval between two checks of the culler that an idle server runs
    idle_node  minutes until an empty node is removed
    moving     factor of the servers that end and start again on fuller nodes: with the user
               scheduler, and without
    prices     factor of the uncertainty of prices
    """

    turnover: float
    checks: float
    idle_node: int
    moving: tuple[float, float]
    prices: float


LOW = Assumptions(0.0, 0.0, 10, (inf, 1), -1)
EXPECTED = Assumptions(1.0, 0.5, 15, (0.5, 0), 0)
HIGH = Assumptions(2.0, 1.0, 30, (0, 0), 1)


@dataclass(frozen=True)
class PoolUse:
    """The use of the nodes of one type."""

    node: str
    hours: float
    most: int
    month: float


@dataclass(frozen=True)
class Estimate:
    """The cost of a month by component, its range, and the use behind it."""

    components: dict[str, float]
    low: float
    high: float
    users: int
    pools: Sequence[PoolUse]
    core_nodes: int
    #: servers that run in each hour of the week, at most
    servers: Sequence[int]
    #: active users in each hour of the week
    active: Sequence[float]

    @property
    def total(self) -> float:
        """The cost of a month."""
        return sum(self.components.values())

    @property
    def per_user(self) -> float:
        """The cost of a month for each user."""
        return self.total / self.users


def estimate(plan: Plan) -> Estimate:
    """Return the estimate for a plan. Raises CostError if a server fits on no node."""
    steps = servers_by_step(plan, EXPECTED)
    components = cost(plan, EXPECTED)
    return Estimate(
        components=components,
        low=sum(cost(plan, LOW).values()),
        high=sum(cost(plan, HIGH).values()),
        users=plan.users,
        pools=[pool_use(plan, pool, place, steps) for place, pool in enumerate(plan.pools)],
        core_nodes=_core_nodes(plan),
        servers=[max(steps[at : at + STEPS_PER_HOUR]) for at in range(0, STEPS, STEPS_PER_HOUR)],
        active=plan.pattern.active(plan.users),
    )


def total(plan: Plan) -> float:
    """Return the expected cost of a month."""
    return sum(cost(plan, EXPECTED).values())


def cost(plan: Plan, assumptions: Assumptions) -> dict[str, float]:
    """Return the cost of a month by component."""
    steps = servers_by_step(plan, assumptions)
    prices, deployment = plan.prices, plan.deployment
    pools = [
        pool_use(plan, pool, place, steps, assumptions) for place, pool in enumerate(plan.pools)
    ]
    month = {
        "user nodes": sum(pool.month for pool in pools),
        "core nodes": _core_nodes(plan) * _node_month(plan, prices.node(prices.core)),
        "control plane": prices.control_plane,
        "disks": plan.users * home_month(plan)
        + (prices.disk_month(deployment.database) if deployment.database else 0),
        "load balancer": deployment.load_balancers * prices.load_balancer,
    }
    factor = 1 + assumptions.prices * prices.uncertainty
    return {name: amount * factor for name, amount in month.items()}


def servers_by_step(plan: Plan, assumptions: Assumptions) -> list[int]:
    """Return the servers that run in each step of the week."""
    culling, pattern = plan.deployment.culling, plan.pattern
    most = min(plan.users, plan.deployment.most_servers or plan.users)
    idle = 0.0 if pattern.measured else culling.idle_seconds(assumptions.checks)
    turnover = 0.0 if pattern.measured else pattern.turnover * assumptions.turnover
    return running(pattern.active(plan.users), idle, turnover, most)


def pool_use(
    plan: Plan, pool: Packing, place: int, steps: Sequence[int],
    assumptions: Assumptions = EXPECTED,
) -> PoolUse:  # fmt: skip
    """Return the use of the nodes of one type by the servers of each step."""
    numbers = _of_pool(plan, place)
    moving = assumptions.moving[0 if plan.deployment.packs else 1]
    leaving = inf if moving == inf else moving * plan.pattern.turnover
    in_pool = [_times(numbers, servers) for servers in steps]
    nodes = nodes_by_step(pool.nodes, in_pool, assumptions.idle_node, leaving)
    hours = sum(nodes) / STEPS_PER_HOUR / HOURS * HOURS_A_MONTH
    return PoolUse(pool.node.name, hours, ceil(max(nodes)), hours * _hour(plan, pool.node))


def _of_pool(plan: Plan, place: int) -> list[int]:
    """Return how many of the first n servers run in a pool, for each n up to `BLOCK`."""
    pools = [at for at, pool in enumerate(plan.pools) for _ in pool.kinds]
    shares = [kind.share for pool in plan.pools for kind in pool.kinds]
    sequence = interleaved(shares)
    return list(accumulate((pools[next(sequence)] == place for _ in range(BLOCK)), initial=0))


def _times(numbers: Sequence[int], servers: int) -> int:
    """Return how many of a number of servers run in a pool: the same of each block."""
    blocks, rest = divmod(servers, BLOCK)
    return blocks * numbers[BLOCK] + numbers[rest]


def _hour(plan: Plan, node: NodeType) -> float:
    price = node.spot if plan.spot and node.spot is not None else node.hour
    return price + plan.prices.node_disk / HOURS_A_MONTH


def _node_month(plan: Plan, node: NodeType) -> float:
    return node.hour * HOURS_A_MONTH + plan.prices.node_disk


def _core_nodes(plan: Plan) -> int:
    node = plan.prices.node(plan.prices.core)
    return max(1, Packing(node, [], plan.deployment.core_pods).nodes(0))


def home_month(plan: Plan) -> float:
    """Return the price of a user's homes for a month, by the shares of the kinds of servers."""
    return sum(
        server.pod.share * plan.prices.disk_month(size)
        for server in plan.deployment.servers
        for size in server.homes
    )


def density(plan: Plan) -> list[tuple[str, str, int, str]]:
    """Return for each kind of server: name, node type, servers on a node, scarce resource."""
    by_kind = {kind.name: pool for pool in plan.pools for kind in pool.kinds}
    return [
        (server.name, pool.node.name, *per_node(pool.node, server.pod))
        for server in plan.deployment.servers
        if (pool := by_kind.get(server.name))
    ]
