"""Packing: servers on nodes as the scheduler places them; running servers by step."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from cost.plans import SMALL
from hypothesis import given
from hypothesis import strategies as st

from z2jh_hub.cost.packing import BLOCK, Packing, Pod, fits, interleaved, per_node
from z2jh_hub.cost.price_lists import GIB
from z2jh_hub.cost.running import STEPS, Culling, highest, running


def pod(memory: float = 0, cpu: float = 0, volumes: float = 0, share: float = 1) -> Pod:
    return Pod("p", {"memory": memory * GIB, "cpu": cpu, "volumes": volumes}, share)


@pytest.mark.parametrize(
    ("requests", "number", "scarce"),
    [
        ({"memory": 1}, 8, "memory"),
        ({"memory": 1, "cpu": 1}, 4, "cpu"),
        ({"volumes": 1}, 16, "volumes"),
        ({}, 20, "pods"),
        # 8 / 0.1 is 79.99… in binary fractions
        ({"memory": 0.4, "cpu": 0.1}, 20, "memory"),
        ({"memory": 9}, 0, "memory"),
    ],
)
def test_number_of_servers_on_a_node(requests, number, scarce) -> None:
    assert per_node(SMALL, pod(**requests)) == (number, scarce)
    assert fits(SMALL, pod(**requests)) is (number > 0)


@pytest.mark.parametrize("requests", [{"memory": 1}, {"memory": 3}, {"cpu": 0.1}, {"volumes": 2}])
def test_equal_servers_fill_one_node_after_the_other(requests) -> None:
    kind = pod(**requests)
    number, _ = per_node(SMALL, kind)
    packing = Packing(SMALL, [kind])
    assert [packing.nodes(n) for n in range(100)] == [-(-n // number) for n in range(100)]


def test_server_is_placed_on_the_fullest_node_with_room() -> None:
    # 5 and 3 share a node; another 5 needs a new one, and another 3 fits there
    packing = Packing(SMALL, [pod(5, share=0.5), pod(3, share=0.5)])
    assert [packing.nodes(n) for n in range(6)] == [0, 1, 1, 2, 2, 3]


def test_placeholders_are_placed_first() -> None:
    packing = Packing(SMALL, [pod(1)], [pod(4)] * 3)
    assert [packing.nodes(n) for n in (0, 4, 5, 12, 13)] == [2, 2, 3, 3, 4]


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=5))
def test_every_prefix_has_the_kinds_by_their_shares(shares: list[float]) -> None:
    chosen = list(islice(interleaved(shares), 200))
    for at, share in enumerate(shares):
        assert abs(chosen.count(at) - 200 * share / sum(shares)) <= len(shares)


@given(st.lists(st.tuples(st.floats(0, 8), st.floats(0, 4), st.floats(0.05, 1)), min_size=1,
                max_size=4))  # fmt: skip
def test_more_servers_never_need_fewer_nodes(rows) -> None:
    packing = Packing(SMALL, [pod(memory, cpu, 0, share) for memory, cpu, share in rows])
    nodes = [packing.nodes(n) for n in range(60)]
    assert all(0 <= after - before <= 1 for before, after in pairwise(nodes))


def test_many_servers_need_the_nodes_of_each_block() -> None:
    packing = Packing(SMALL, [pod(1)], [pod(8)])
    assert packing.nodes(BLOCK) == 1 + BLOCK // 8
    assert packing.nodes(3 * BLOCK + 9) == 1 + 3 * BLOCK // 8 + 2


def test_highest_of_a_window_wraps_around_the_week() -> None:
    assert highest([3, 0, 0, 1], 1) == [3, 3, 0, 1]
    assert highest([0, 0, 0, 5], 2) == [5, 5, 0, 5]
    assert highest([0, 1, 0, 0], 9) == [1, 1, 1, 1]


def test_replaced_users_leave_servers_that_wait_to_be_culled() -> None:
    # of 100 active users, 25 are replaced in the hour that an idle server runs
    assert set(running([100.0] * 168, 3600, 0.25, 1000)) == {125}
    assert set(running([100.0] * 168, 3600, 0.25, 110)) == {110}
    assert len(running([0.0] * 168, 3600, 0.25, 10)) == STEPS


@pytest.mark.parametrize(
    ("culling", "seconds"),
    [
        (Culling(3600, 600), 3600 + 300 + 300),
        (Culling(3600, 600, max_age=1800), 1800 + 300 + 300),
        (Culling(None), 7 * 86400),
        (Culling(10**9, 600), 7 * 86400),
    ],
)
def test_idle_time_of_a_server(culling: Culling, seconds: float) -> None:
    assert culling.idle_seconds() == seconds
