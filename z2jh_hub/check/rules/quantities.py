"""Report invalid quantities of memory, CPU and storage, and guarantees above their limits.

`resources` and claims take Kubernetes quantities (`512Mi`, `500m`); profiles take KubeSpawner's,
in which `G` is 1024**3 and `Gi` is invalid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.keys import MEMORY
from ...config.quantities import memory_bytes, parse
from ...config.values import Values
from ...sandbox.pods import rules
from .. import queries

EXPECTED = {
    "memory": "a number of bytes, optionally with Ki, Mi, Gi, k, M or G, such as 512Mi",
    "cpu": "a number of cores, such as 0.5, or of millicores, such as 500m",
}
# less memory than this means that the unit is missing
LEAST_MEMORY = 2**20
# traits of KubeSpawner, and the key of the limit in the values
TRAITS: tuple[tuple[str, str, str, Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    ("mem_guarantee", "mem_limit", "singleuser.memory.limit", MEMORY.accepts, memory_bytes),
    ("cpu_guarantee", "cpu_limit", "singleuser.cpu.limit", queries.is_number, float),
)  # fmt: skip


def findings(values: Values) -> Iterator[Problem]:
    """Yield invalid quantities, and requests or guarantees above their limits."""
    for path, resources in _resources(values):
        yield from _of_resources(values, path, resources, "limits", "requests")
    extra = ("singleuser", "extraResource")
    yield from _of_resources(values, extra, queries.mapping(values, extra), "limits", "guarantees")
    storage = values.get("hub.db.pvc.storage")
    if storage is not None and parse(storage) is None:
        yield _invalid(values, ("hub", "db", "pvc", "storage"), "such as 1Gi")
    for path, override, before in queries.overrides(values):
        yield from _of_override(values, path, override, before)
    yield from _of_custom(values, ("custom",), values.get("custom"))


def _resources(values: Values) -> Iterator[tuple[Path, dict[str, Any]]]:
    for top in ("hub", "proxy", "prePuller", "scheduling", "singleuser"):
        yield from _below((top,), values.get(top))


def _below(path: Path, node: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    # files and traits may have a key named resources with another meaning
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
    for name, amount in requests.items():
        if amount and rules.is_extended(str(name)) and parse(limits.get(name)) != parse(amount):
            yield values.problem(
                (*path, lower, name),
                "this resource cannot be shared, so Kubernetes rejects the pod unless limit and "
                f"{lower[:-1]} are equal",
                expected=f"{'.'.join((*path, upper, name))}: {amount}", rule="pod-rejected",
            )  # fmt: skip
            continue
        if name not in limits:
            continue
        limit, request = parse(limits[name]), parse(requests[name])
        if limit is not None and request is not None and request > limit:
            yield values.problem(
                (*path, lower, name),
                f"more than its limit, {limits[name]}, so Kubernetes rejects the pod",
                expected=f"at most {limits[name]}",
                hint=f"raise {'.'.join((*path, upper, name))} or lower this",
                rule="guarantee-above-limit",
            )


def _of_amount(values: Values, path: Path, amount: Any) -> Iterator[Problem]:
    name, number = path[-1], parse(amount)
    if number is None or number < 0:
        yield _invalid(values, path, EXPECTED.get(name, "a Kubernetes quantity, such as 1"))
    elif name == "memory" and 0 < number < LEAST_MEMORY:
        yield values.problem(
            path, f"this means {number.normalize():f} bytes; the unit is probably missing",
            expected=EXPECTED[name], rule="quantity", severity="warning",
        )  # fmt: skip
    elif name == "cpu" and number > 1000:
        yield values.problem(
            path, f"this means {number.normalize():f} cores; the unit m is probably missing",
            expected=EXPECTED[name], rule="quantity", severity="warning",
        )  # fmt: skip


def _invalid(values: Values, path: Path, expected: str) -> Problem:
    value = values.get(path)
    fixed = re.sub(r"(?i)\s*([kmgtpe])i?b$", lambda m: f"{m[1].upper()}i", str(value).strip())
    hint = f"did you mean {fixed}?" if fixed != value and parse(fixed) is not None else ""
    return values.problem(path, "invalid quantity", expected=expected, hint=hint, rule="quantity")


def _of_override(
    values: Values, path: Path, override: dict[str, Any], before: dict[str, Any]
) -> Iterator[Problem]:
    for name in ("mem_limit", "mem_guarantee"):
        value = override.get(name)
        if value is not None and not MEMORY.accepts(value) and "{" not in str(value):
            yield values.problem(
                (*path, name), "invalid quantity of memory for KubeSpawner",
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
        # the spawner lowers the guarantee with a limit that is lowered alone
        if lower in override and amount(guarantee) > amount(limit):
            yield values.problem(
                (*path, lower),
                f"{lower} ({guarantee}) is above {upper} ({limit}), so no pod can be created",
                expected=f"{lower} of at most {upper}",
                hint=f"a profile keeps what it does not override, so set both {lower} and {upper}",
                rule="guarantee-above-limit",
            )


def _of_custom(values: Values, path: Path, node: Any) -> Iterator[Problem]:
    """Check traits of KubeSpawner that snippets read from `custom`."""
    for key, item in node.items() if isinstance(node, dict) else enumerate(queries.as_list(node)):
        yield from _of_custom(values, (*path, str(key)), item)
    traits = queries.as_mapping(node)
    for lower, upper, _, accepts, amount in TRAITS:
        guarantee, limit = traits.get(lower), traits.get(upper)
        if accepts(guarantee) and accepts(limit) and 0 < amount(limit) < amount(guarantee):
            yield values.problem(
                (*path, lower),
                f"more than {upper} ({limit}), so a spawner with both cannot create a pod",
                expected=f"at most {limit}",
                rule="guarantee-above-limit",
                severity="warning",
            )
