"""Estimates: cases computed by hand, and what never costs less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cost.plans import GPU, PRICES, hours, plan, server
from hypothesis import given, settings
from hypothesis import strategies as st

from z2jh_hub.cost import CostError
from z2jh_hub.cost.estimate import EXPECTED, HIGH, LOW, Estimate, cost, estimate, total
from z2jh_hub.cost.packing import Pod
from z2jh_hub.cost.patterns import BUILT_IN, Pattern, read
from z2jh_hub.cost.plan import Plan
from z2jh_hub.cost.price_lists import GIB
from z2jh_hub.cost.running import Culling
from z2jh_hub.cost.savings import savings

HOUR = 0.10 + 7.3 / 730  # a small node and its disk


def costs(plan: Plan) -> dict[str, float]:
    return {name: round(amount, 2) for name, amount in estimate(plan).components.items()}


def test_servers_that_always_run_need_their_nodes_all_month() -> None:
    # 8 servers of 1 GiB on a node of 8 GiB: 10 servers need 2 nodes for 730 hours
    assert costs(plan(10)) == {
        "user nodes": round(2 * 730 * HOUR, 2),
        "core nodes": round(730 * 0.10 + 7.3, 2),
        "control plane": 70,
        "disks": 10 * 10 * 0.1,
        "load balancer": 20,
    }


def test_one_hour_a_week_costs_that_hour_and_the_time_until_nodes_and_servers_are_removed() -> None:
    # 3 nodes for 1 hour; 5 minutes until the hub sees no activity, and 15 until the node is empty
    answer = estimate(plan(20, hours(h10=1)))
    assert answer.pools[0].hours == pytest.approx(3 * (1 + 20 / 60) / 168 * 730)
    assert (answer.pools[0].most, answer.servers[10], answer.servers[9]) == (3, 20, 0)


def test_culling_keeps_servers_after_the_last_activity() -> None:
    late = plan(8, hours(h10=1), culling=Culling(3600, 0))
    # the hour, an hour until the server is culled, 5 minutes of delay, 15 for the node
    assert estimate(late).pools[0].hours == pytest.approx((2 + 20 / 60) / 168 * 730)


def test_servers_that_are_never_culled_always_run() -> None:
    never = plan(8, hours(h10=1), culling=Culling(None))
    assert estimate(never).pools[0].hours == pytest.approx(730)


def test_maximum_age_bounds_the_time_of_an_idle_server() -> None:
    old = plan(8, hours(h10=1), culling=Culling(36000, 0, max_age=1800))
    young = plan(8, hours(h10=1), culling=Culling(1800, 0))
    assert total(old) == total(young)


def test_placeholders_hold_their_nodes_also_at_night() -> None:
    pod = Pod("placeholder", {"memory": 4 * GIB})
    answer = estimate(plan(1, hours(), placeholder=pod, placeholders=3))
    assert answer.pools[0].hours == pytest.approx(2 * 730)


def test_core_pods_that_do_not_fit_on_one_node_need_two() -> None:
    pods = [Pod("hub", {"memory": 5 * GIB}), Pod("proxy", {"memory": 5 * GIB})]
    assert estimate(plan(core_pods=pods)).core_nodes == 2
    assert costs(plan(core_pods=pods))["core nodes"] == round(2 * (73 + 7.3), 2)


def test_profiles_share_homes_and_nodes_by_their_shares() -> None:
    kinds = [server("small", 0.75), server("large", 0.25, home=20, memory=4 * GIB)]
    answer = estimate(plan(8, servers=kinds))
    assert answer.components["disks"] == pytest.approx(8 * (0.75 * 10 + 0.25 * 20) * 0.1)
    # 6 GiB and 8 GiB
    assert answer.pools[0].most == 2


def test_profile_with_a_gpu_runs_on_the_cheapest_node_that_has_one() -> None:
    kinds = [server("plain", 0.5), server("gpu", 0.5, **{"nvidia.com/gpu": 1})]
    answer = estimate(plan(4, servers=kinds))
    assert [(pool.node, pool.most) for pool in answer.pools] == [("small", 1), ("gpu", 2)]


def test_server_that_fits_on_no_node_is_an_error_with_a_hint() -> None:
    with pytest.raises(CostError, match=r"requests 1 TiB of memory.*--nodes FILE"):
        estimate(plan(servers=[server(memory=1024 * GIB)]))


def test_spot_nodes_use_the_spot_price_where_there_is_one() -> None:
    spot = replace(plan(8), spot=True)
    assert estimate(spot).pools[0].month == pytest.approx(730 * 0.04 + 7.3)
    gpu = [server(**{"nvidia.com/gpu": 1})]
    assert estimate(replace(plan(1, servers=gpu), spot=True)).pools[0].node == GPU.name


def test_disks_are_rounded_up_to_the_sizes_of_the_provider() -> None:
    tiers = replace(PRICES, disk_sizes=(8 * GIB, 16 * GIB))
    assert tiers.disk_month(10 * GIB) == pytest.approx(1.6)
    assert tiers.disk_month(100 * GIB) == pytest.approx(10)


def test_limit_of_the_hub_bounds_the_servers() -> None:
    assert max(estimate(plan(100, most_servers=5)).servers) == 5


def test_range_contains_the_estimate() -> None:
    answer = estimate(plan(100, list(read("class").hours), culling=Culling(3600)))
    assert answer.low < answer.total < answer.high


def test_measured_servers_are_neither_culled_nor_replaced() -> None:
    pattern = Pattern("measured", hours(h10=8.0), measured=True, shares=False)
    measured = replace(plan(8, culling=Culling(36000)), pattern=pattern)
    assert estimate(measured).pools[0].hours == pytest.approx((1 + 15 / 60) / 168 * 730)
    assert "cull.timeout" not in {saving.setting for saving in savings(measured)}


patterns = st.lists(st.floats(0, 1), min_size=168, max_size=168)
kinds = st.lists(
    st.tuples(st.floats(0.05, 1), st.floats(0, 4), st.integers(0, 7)), min_size=1, max_size=4
).map(
    lambda rows: [
        server(f"p{at}", share / sum(row[0] for row in rows), cpu=cpu, memory=memory * GIB)
        for at, (share, cpu, memory) in enumerate(rows)
    ]
)


@settings(max_examples=40, deadline=None)
@given(patterns, kinds, st.integers(1, 60), st.integers(0, 60), st.integers(0, 4000))
def test_more_users_never_cost_less(shares, kinds, users, more, timeout) -> None:
    few = plan(users, shares, servers=kinds, culling=Culling(timeout))
    many = replace(few, users=users + more)
    for assumptions in (LOW, EXPECTED, HIGH):
        before, after = cost(few, assumptions), cost(many, assumptions)
        assert all(after[name] >= before[name] - 1e-6 for name in before)


@settings(max_examples=40, deadline=None)
@given(patterns, kinds, st.integers(1, 60), st.integers(0, 90000), st.integers(0, 90000))
def test_culling_sooner_never_costs_more(shares, kinds, users, timeout, later) -> None:
    never = plan(users, shares, servers=kinds, culling=Culling(None))
    soon = replace(never, deployment=replace(never.deployment, culling=Culling(timeout)))
    late = replace(never, deployment=replace(never.deployment, culling=Culling(timeout + later)))
    assert total(soon) <= total(late) + 1e-6
    assert total(late) <= total(never) + 1e-6


@pytest.mark.parametrize("name", BUILT_IN)
def test_savings_are_what_a_new_estimate_gives(name: str) -> None:
    before = plan(100, list(read(name).hours), culling=Culling(7200), placeholders=10,
                  placeholder=Pod("placeholder", {"memory": GIB}))  # fmt: skip
    answers = {saving.setting: saving for saving in savings(before, most=20)}
    after = replace(before, deployment=replace(before.deployment, placeholders=0))
    placeholders = answers.get("scheduling.userPlaceholder.replicas")
    assert (placeholders.month if placeholders else 0) == pytest.approx(
        total(before) - total(after)
    )
    assert len(savings(before)) == 3
    amounts = [saving.month for saving in savings(before)]
    assert amounts == sorted(amounts, reverse=True)


def test_every_component_is_in_the_total() -> None:
    answer: Estimate = estimate(plan(10))
    assert answer.total == pytest.approx(sum(answer.components.values()))
    assert answer.per_user == pytest.approx(answer.total / 10)
