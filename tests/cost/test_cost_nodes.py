"""Nodes that exist at a time, compared with cases computed by hand and with a simulation."""

from __future__ import annotations

from dataclasses import replace
from math import exp, inf

import pytest
from cost.plans import SMALL, plan
from cost.simulation import Simulation

from z2jh_hub.cost.estimate import EXPECTED, HIGH, LOW, pool_use, servers_by_step
from z2jh_hub.cost.nodes import nodes_by_step
from z2jh_hub.cost.packing import Packing, Pod
from z2jh_hub.cost.patterns import read
from z2jh_hub.cost.price_lists import GIB
from z2jh_hub.cost.running import Culling

PACKING = Packing(SMALL, [Pod("p", {"memory": GIB})])  # 8 on a node


def steps(*hours: int) -> list[int]:
    """Return the servers of each step: those of the first hours, and then none."""
    return [number for number in [*hours, *[0] * (168 - len(hours))] for _ in range(12)]


def test_servers_that_remain_keep_their_nodes() -> None:
    # of 80 servers on 10 nodes, 20 remain: they are on 10 (1 - e^-2) of the nodes, and fit on 3
    nodes = nodes_by_step(PACKING.nodes, steps(80, 20, 20, 0), 0, 0)
    expected = 10 * (1 - exp(-2))
    assert nodes[0] == nodes[11] == 10
    assert nodes[12:36] == pytest.approx([expected] * 24)
    assert set(nodes[36:]) == {0}


def test_nodes_become_empty_as_servers_are_replaced() -> None:
    nodes = nodes_by_step(PACKING.nodes, steps(80, 20, 20, 0), 0, 0.5)
    assert nodes[12] == pytest.approx(10 * (1 - exp(-2 * exp(-0.5))))
    assert nodes[24] == pytest.approx(10 * (1 - exp(-2 * exp(-1))))


def test_servers_that_always_move_need_the_fewest_nodes() -> None:
    nodes = nodes_by_step(PACKING.nodes, steps(80, 20, 20, 0), 10, inf)
    assert [nodes[at] for at in (0, 12, 13, 14, 35, 37, 38)] == [10, 10, 10, 3, 3, 3, 0]


@pytest.mark.parametrize("packs", [True, False])
@pytest.mark.parametrize("name", ["class", "research"])
def test_node_hours_agree_with_a_simulation_of_single_users(name: str, packs: bool) -> None:
    pattern = read(name)
    estimated = replace(plan(200, culling=Culling(3600, 600), packs=packs), pattern=pattern)
    nodes, servers = Simulation(pattern.hours, 200, 8, packs).monthly(pattern.turnover, 60, 10)
    hours = []
    for assumptions in (LOW, EXPECTED, HIGH):
        running = servers_by_step(estimated, assumptions)
        hours.append(pool_use(estimated, estimated.pools[0], 0, running, assumptions).hours)
    assert hours[1] == pytest.approx(nodes, rel=0.1)
    assert hours[0] < nodes < hours[2]
    running = servers_by_step(estimated, EXPECTED)
    assert sum(running) / 12 / 168 * 730 == pytest.approx(servers, rel=0.04)
