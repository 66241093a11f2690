"""Find the settings that would save most, by computing the estimate with each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..config.quantities import readable
from . import CostError
from .estimate import total
from .packing import UNITS
from .plan import Plan

MOST = 3
# smaller savings are within the error of rounding to whole nodes
LEAST_SHARE = 0.005
SHORTEST_TIMEOUT = 600
LEAST_MEMORY = 256 * 1024**2


@dataclass(frozen=True)
class Saving:
    """A changed setting: the key or option, its current and proposed value, and what it saves."""

    setting: str
    current: str
    proposed: str
    consequence: str
    month: float = 0.0


Change = tuple[Saving, Plan]


def savings(plan: Plan, most: int = MOST) -> list[Saving]:
    """Return the changes that save most, each computed alone."""
    now = total(plan)
    results = []
    for change in CHANGES:
        for saving, changed in change(plan):
            try:
                month = now - total(changed)
            except CostError:
                continue
            results.append(replace(saving, month=month))
    best: dict[str, Saving] = {}
    for saving in sorted(results, key=lambda each: -each.month):
        if saving.month > now * LEAST_SHARE:
            best.setdefault(saving.setting, saving)
    return list(best.values())[:most]


def _cull(plan: Plan) -> Iterator[Change]:
    culling = plan.deployment.culling
    if plan.pattern.measured:
        return
    if culling.timeout is None:
        saving = Saving("cull.enabled", "false", "true", "Idle servers stop after an hour.")
        yield saving, _with(plan, culling=replace(culling, timeout=3600.0))
    elif culling.timeout / 2 >= SHORTEST_TIMEOUT:
        timeout = culling.timeout // 2
        text = "Idle servers stop earlier; their variables are lost then."
        saving = Saving("cull.timeout", f"{culling.timeout:g}", f"{timeout:g}", text)
        yield saving, _with(plan, culling=replace(culling, timeout=timeout))


def _memory(plan: Plan) -> Iterator[Change]:
    yield from _half(plan, "memory", "singleuser.memory.guarantee", LEAST_MEMORY,
                     "Servers share more memory; if all of it is used, some are killed.",
                     lambda amount: readable(amount, UNITS, 3))  # fmt: skip


def _cpu(plan: Plan) -> Iterator[Change]:
    yield from _half(plan, "cpu", "singleuser.cpu.guarantee", 0.02,
                     "Servers are slower while many compute.",
                     lambda cores: f"{cores:.3g}")  # fmt: skip


def _half(
    plan: Plan, resource: str, key: str, least: float, consequence: str,
    shown: Callable[[float], str],
) -> Iterator[Change]:  # fmt: skip
    """Yield the plan whose servers and placeholders request half of a resource."""
    most_used = max(plan.deployment.servers, key=lambda server: server.pod.share)
    now = most_used.pod.requests.get(resource, 0)
    if now / 2 < least:
        return
    servers = [
        replace(server, pod=replace(server.pod, requests={
            **server.pod.requests, resource: server.pod.requests.get(resource, 0) / 2,
        }))
        for server in plan.deployment.servers
    ]  # fmt: skip
    several = len(plan.deployment.servers) > 1
    if several:
        saving = Saving(
            f"{key}, and that of each profile", "the current value", "half", consequence
        )
    else:
        saving = Saving(key, shown(now), shown(now / 2), consequence)
    yield saving, _with(plan, servers=servers)


def _homes(plan: Plan) -> Iterator[Change]:
    sizes = [size for server in plan.deployment.servers for size in server.homes]
    if not sizes or max(sizes) < 1024**3:
        return
    servers = [
        replace(server, homes=[size / 2 for size in server.homes])
        for server in plan.deployment.servers
    ]
    current, proposed = (readable(max(sizes) / part, UNITS, 3) for part in (1, 2))
    text = "New homes are smaller; existing ones keep their size."
    yield (
        Saving("singleuser.storage.capacity", current, proposed, text),
        _with(plan, servers=servers),
    )


def _placeholders(plan: Plan) -> Iterator[Change]:
    number = plan.deployment.placeholders
    if number > 0:
        text = "The first users of a class wait minutes for a node."
        saving = Saving("scheduling.userPlaceholder.replicas", str(number), "0", text)
        yield saving, _with(plan, placeholders=0)


def _spot(plan: Plan) -> Iterator[Change]:
    if not plan.spot:
        text = "Servers may stop without warning."
        yield Saving("user nodes (--spot)", "on demand", "spot", text), replace(plan, spot=True)


def _packing(plan: Plan) -> Iterator[Change]:
    if not plan.deployment.packs:
        text = "Servers fill one node after the other, so that others become empty earlier."
        saving = Saving("scheduling.userScheduler.enabled", "false", "true", text)
        yield saving, _with(plan, packs=True)


def _node_type(plan: Plan) -> Iterator[Change]:
    current = plan.default_node.name
    for node in plan.prices.nodes:
        if node.name != current and node.is_ordinary:
            text = "This node type fits the servers better."
            saving = Saving("user nodes (--node)", current, node.name, text)
            yield saving, replace(plan, node=node.name)


def _with(plan: Plan, **changes: object) -> Plan:
    return replace(plan, deployment=replace(plan.deployment, **changes))  # type: ignore[arg-type]


CHANGES = (_cull, _memory, _cpu, _homes, _placeholders, _spot, _packing, _node_type)
