"""Write an estimate as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..config.severities import Style, plain
from .estimate import Estimate, density
from .packing import described
from .patterns import DAYS
from .plan import Plan
from .savings import Saving

BARS = " ▁▂▃▄▅▆▇█"
# how scarce resources are named
SCARCE = {"memory": "memory", "cpu": "CPU", "pods": "the number of pods", "volumes": "disks"}


def text(plan: Plan, estimate: Estimate, savings: Sequence[Saving], style: Style = plain) -> str:
    """Return the assumptions, the costs, the servers by hour, and what would save most."""
    blocks = [
        _head(plan, estimate), _costs(plan, estimate, style), _plot(estimate, style),
        _saving_lines(plan, savings, style), _notes(plan),
    ]  # fmt: skip
    return "\n\n".join("\n".join(lines) for block in blocks if (lines := list(block))) + "\n"


def _head(plan: Plan, estimate: Estimate) -> Iterator[str]:
    prices = plan.prices
    yield f"{'users:':<10} {estimate.users}, pattern {plan.pattern.name}"
    yield f"{'prices:':<10} {prices.provider}, {prices.region}, {prices.date} ({prices.source})"
    for name, node, number, scarce in density(plan):
        server = next(each for each in plan.deployment.servers if each.name == name)
        share = f"{server.pod.share:.0%} of users, " if len(plan.deployment.servers) > 1 else ""
        yield (
            f"{name + ':':<10} {share}requests {described(server.pod.requests)}; "
            f"{number} on each {node}, limited by {SCARCE.get(scarce, scarce)}"
        )


def _costs(plan: Plan, estimate: Estimate, style: Style) -> Iterator[str]:
    details = {
        "user nodes": ", ".join(
            f"{pool.hours:.0f} hours of {pool.node}{' (spot)' if plan.spot else ''}, "
            f"at most {pool.most} at once"
            for pool in estimate.pools
        ),
        "core nodes": f"{estimate.core_nodes} {plan.prices.core}",
    }
    currency = plan.prices.currency
    yield style(f"{'component':<14}{currency + ' a month':>14}{'for each user':>16}", bold=True)
    for name, month in estimate.components.items():
        line = f"{name:<14}{month:>14.2f}{month / estimate.users:>16.2f}"
        yield f"{line}   {details[name]}" if name in details else line
    yield style(f"{'total':<14}{estimate.total:>14.2f}{estimate.per_user:>16.2f}", bold=True)
    yield f"{'range':<14}{estimate.low:>14.0f} to {estimate.high:.0f}"


def _plot(estimate: Estimate, style: Style) -> Iterator[str]:
    peak = max(estimate.servers)
    yield style(f"Running servers by hour of the week, at most {peak}", bold=True)
    yield "     0     6     12    18"
    for at, day in enumerate(DAYS):
        hours = estimate.servers[at * 24 : at * 24 + 24]
        yield f"{day[:3]}  {style(''.join(_bar(n, peak) for n in hours), fg='blue')}".rstrip()


def _bar(number: int, peak: int) -> str:
    return BARS[-(-number * 8 // peak)] if peak else BARS[0]


def _saving_lines(plan: Plan, savings: Sequence[Saving], style: Style) -> Iterator[str]:
    if savings:
        yield style("What would save most, each alone:", bold=True)
    for saving in savings:
        amount = f"{saving.month:.2f} {plan.prices.currency} a month"
        yield f"  {saving.setting}: {saving.proposed} instead of {saving.current} saves {amount}"
        yield f"      {saving.consequence}"


def _notes(plan: Plan) -> Iterator[str]:
    for note in notes(plan):
        yield f"note: {note}"


def notes(plan: Plan) -> list[str]:
    """Return what the estimate assumes or leaves out."""
    default = plan.default_node.name
    moved = [
        f"servers of {name} run on {node}; they do not fit on {default}, or select another type"
        for name, node in plan.moved.items()
    ]
    results = [*plan.deployment.notes, *moved]
    results += [
        f"servers of {server.name} request no memory, so that only other limits keep a node from "
        "filling up; set singleuser.memory.guarantee"
        for server in plan.deployment.servers
        if not server.pod.requests.get("memory")
    ]
    if plan.pattern.measured:
        results.append(
            "the pattern is measured with the culling of that time (UTC); "
            "other culling times have no effect on it"
        )
    if plan.spot and any(pool.node.spot is None for pool in plan.pools):
        results.append("the prices have no spot price for some node types")
    results.append("traffic, backups, snapshots and taxes are not included")
    return results


def as_data(plan: Plan, estimate: Estimate, savings: Sequence[Saving]) -> dict[str, Any]:
    """Return the estimate for programs."""
    prices = plan.prices
    return {
        "users": estimate.users,
        "pattern": plan.pattern.name,
        "prices": {
            name: getattr(prices, name)
            for name in ("provider", "region", "date", "source", "currency", "uncertainty")
        },
        "month": {
            "components": _rounded(estimate.components),
            "total": round(estimate.total, 2),
            "low": round(estimate.low, 2),
            "high": round(estimate.high, 2),
        },
        "perUser": {
            "components": _rounded(
                {name: month / estimate.users for name, month in estimate.components.items()}
            ),
            "total": round(estimate.per_user, 2),
        },
        "servers": [
            {
                "name": name, "node": node, "perNode": number, "limitedBy": scarce,
                **_server(plan, name),
            }
            for name, node, number, scarce in density(plan)
        ],
        "nodes": [
            {"node": pool.node, "spot": plan.spot, "hours": round(pool.hours, 1),
             "most": pool.most, "month": round(pool.month, 2)}
            for pool in estimate.pools
        ],
        "active": [round(number, 2) for number in estimate.active],
        "running": list(estimate.servers),
        "savings": [
            {"setting": saving.setting, "current": saving.current, "proposed": saving.proposed,
             "consequence": saving.consequence, "month": round(saving.month, 2)}
            for saving in savings
        ],
        "notes": notes(plan),
    }  # fmt: skip


def _server(plan: Plan, name: str) -> dict[str, Any]:
    server = next(each for each in plan.deployment.servers if each.name == name)
    return {
        "share": round(server.pod.share, 4),
        "requests": dict(server.pod.requests),
        "limits": dict(server.limits),
        "homes": list(server.homes),
    }


def _rounded(amounts: dict[str, float]) -> dict[str, float]:
    return {name: round(amount, 2) for name, amount in amounts.items()}


def as_json(plan: Plan, estimate: Estimate, savings: Sequence[Saving]) -> str:
    """Return `as_data` as JSON."""
    return json.dumps(as_data(plan, estimate, savings), indent=2) + "\n"
