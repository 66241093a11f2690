"""Amounts of memory, CPU and storage, each in the grammar of its place.

Kubernetes' own quantities in `resources` and claims (`512Mi`, `500m`); KubeSpawner's, where
`G` counts by 1024 and `Gi` is unknown, in profiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.keys import MEMORY
from ...config.quantities import memory_bytes, parse
from ...config.values import Values
from .. import queries

EXPECTED = {
    "memory": "bytes with Ki, Mi, Gi (or k, M, G) behind, such as 512Mi",
    "cpu": "cores, such as 0.5, or thousandths of one, such as 500m",
}
# below this, a unit was forgotten
LEAST_MEMORY = 2**20
# KubeSpawner's traits that an override sets, and where the values have the same
TRAITS: tuple[tuple[str, str, str, Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    ("mem_guarantee", "mem_limit", "singleuser.memory.limit", MEMORY.accepts, memory_bytes),
    ("cpu_guarantee", "cpu_limit", "singleuser.cpu.limit", queries.is_number, float),
)  # fmt: skip


def findings(values: Values) -> Iterator[Problem]:
    """Amounts that are none, or not of their place, and requests above their limits."""
    for path, resources in _resources(values):
        yield from _of_resources(values, path, resources, "limits", "requests")
    extra = ("singleuser", "extraResource")
    yield from _of_resources(values, extra, queries.mapping(values, extra), "limits", "guarantees")
    storage = values.get("hub.db.pvc.storage")
    if storage is not None and parse(storage) is None:
        yield _not_one(values, ("hub", "db", "pvc", "storage"), "such as 1Gi")
    for path, override, before in queries.overrides(values):
        yield from _of_override(values, path, override, before)
    yield from _of_custom(values, ("custom",), values.get("custom"))


def _resources(values: Values) -> Iterator[tuple[Path, dict[str, Any]]]:
    for top in ("hub", "proxy", "prePuller", "scheduling", "singleuser"):
        yield from _below((top,), values.get(top))


def _below(path: Path, node: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    # content of files and traits of classes have keys of their own
    if path[-1] in ("extraFiles", "config", "extraConfig", "profileList", "templateVars"):
        return
    for at, item in queries.inner(path, node):
        if at[-1] == "resources" and item.keys() & {"limits", "requests"}:
            yield at, item
        else:
            yield from _below(at, item)
    for index, item in queries.as_mapping(node).items():
        if isinstance(item, list):
            yield from _below((*path, index), item)


def _of_resources(
    values: Values, path: Path, resources: dict[str, Any], upper: str, lower: str
) -> Iterator[Problem]:
    limits = queries.as_mapping(resources.get(upper))
    requests = queries.as_mapping(resources.get(lower))
    for part, amounts in ((upper, limits), (lower, requests)):
        for name, amount in amounts.items():
            if amount is not None:
                yield from _of_amount(values, (*path, part, name), amount)
    for name in limits.keys() & requests.keys():
        limit, request = parse(limits[name]), parse(requests[name])
        if limit is not None and request is not None and request > limit:
            yield values.problem(
                (*path, lower, name),
                f"more than its limit, {limits[name]}: Kubernetes refuses such a pod",
                expected=f"at most {limits[name]}",
                hint=f"raise {'.'.join((*path, upper, name))} or lower this",
                rule="guarantee-above-limit",
            )


def _of_amount(values: Values, path: Path, amount: Any) -> Iterator[Problem]:
    name, number = path[-1], parse(amount)
    if number is None or number < 0:
        yield _not_one(values, path, EXPECTED.get(name, "a quantity, such as 1"))
    elif name == "memory" and 0 < number < LEAST_MEMORY:
        yield values.problem(
            path, f"that is {number.normalize():f} bytes: was a unit forgotten?",
            expected=EXPECTED[name], rule="quantity", severity="warning",
        )  # fmt: skip
    elif name == "cpu" and number > 1000:
        yield values.problem(
            path, f"that is {number.normalize():f} cores: was m (thousandths) forgotten?",
            expected=EXPECTED[name], rule="quantity", severity="warning",
        )  # fmt: skip


def _not_one(values: Values, path: Path, expected: str) -> Problem:
    given = values.get(path)
    mended = re.sub(r"(?i)\s*([kmgtpe])i?b$", lambda m: f"{m[1].upper()}i", str(given).strip())
    hint = f"did you mean {mended}?" if mended != given and parse(mended) is not None else ""
    return values.problem(path, "not an amount", expected=expected, hint=hint, rule="quantity")


def _of_override(
    values: Values, path: Path, override: dict[str, Any], before: dict[str, Any]
) -> Iterator[Problem]:
    for name in ("mem_limit", "mem_guarantee"):
        given = override.get(name)
        if given is not None and not MEMORY.accepts(given) and "{" not in str(given):
            yield values.problem(
                (*path, name), "not an amount of memory for KubeSpawner",
                expected=MEMORY.expected, hint=MEMORY.hint, rule="quantity",
            )  # fmt: skip
    for lower, upper, key, accepts, amount in TRAITS:
        if not override.keys() & {lower, upper}:
            continue
        chart = {lower: values.get(key.replace("limit", "guarantee")), upper: values.get(key)}
        own = queries.mapping(values, "hub.config.KubeSpawner")
        whole = {**chart, **own, **before, **override}
        limit, guarantee = whole.get(upper), whole.get(lower)
        if not (accepts(limit) and accepts(guarantee)) or not amount(limit):
            continue
        if amount(guarantee) > amount(limit):
            at = lower if lower in override else upper
            yield values.problem(
                (*path, at),
                f"with this, {lower} is {guarantee} and {upper} {limit}: no pod can be made",
                expected=f"{lower} of at most {upper}",
                hint=f"a profile keeps what it does not override: set {lower} and {upper} together",
                rule="guarantee-above-limit",
            )


def _of_custom(values: Values, path: Path, node: Any) -> Iterator[Problem]:
    """What snippets set on spawners stands under `custom`, by the names of KubeSpawner's traits."""
    for key, item in node.items() if isinstance(node, dict) else enumerate(queries.as_list(node)):
        yield from _of_custom(values, (*path, str(key)), item)
    traits = queries.as_mapping(node)
    for lower, upper, _, accepts, amount in TRAITS:
        guarantee, limit = traits.get(lower), traits.get(upper)
        if accepts(guarantee) and accepts(limit) and 0 < amount(limit) < amount(guarantee):
            yield values.problem(
                (*path, lower),
                f"more than {upper} beside it, {limit}: a spawner with both makes no pod",
                expected=f"at most {limit}",
                rule="guarantee-above-limit",
                severity="warning",
            )
