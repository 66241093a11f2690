"""`hub.quotas`: limits on servers, servers per profile, and hours per week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..groups import groups_of
from ..keys import MAPPING, NUMBER, TEXTS, Key, Kind, integer

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("hub.quotas", MAPPING, "KubeSpawner.quotas"),)

PARTS: dict[str, Kind] = {
    "users": TEXTS,
    "groups": TEXTS,
    "servers": integer(0),
    "hoursPerWeek": Kind("a number of hours", lambda v: NUMBER.accepts(v) and v >= 0),
    "profiles": Kind(
        "a mapping of profile slugs to whole numbers",
        lambda v: isinstance(v, dict) and all(map(integer(0).accepts, v.values())),
    ),
}


def problems(values: Values) -> Iterator[Problem]:
    """Report invalid quotas, and quotas for groups that do not exist."""
    rules = values.get("hub.quotas")
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        if isinstance(rule, dict):
            yield from _rule_problems(values, f"hub.quotas.{name}", rule)
        else:
            yield values.problem(
                f"hub.quotas.{name}",
                "invalid quota",
                given=rule,
                expected="a mapping such as {groups: [students], servers: 1}",
            )


def _rule_problems(values: Values, key: str, rule: dict[str, Any]) -> Iterator[Problem]:
    for part, value in rule.items():
        kind = PARTS.get(part)
        if kind is None:
            yield values.problem(
                f"{key}.{part}", "unknown key of a quota", expected="one of " + ", ".join(PARTS)
            )
        elif value is not None and not kind.accepts(value):
            yield values.problem(f"{key}.{part}", "invalid value", expected=kind.expected)
    known = groups_of(values)
    groups = rule.get("groups")
    for group in groups if known and isinstance(groups, list) else ():
        if group not in known:
            yield values.problem(
                f"{key}.groups",
                f"the group {group} is not defined in hub.config.JupyterHub.load_groups",
                expected="one of " + ", ".join(sorted(known)),
                severity="warning",
            )


def apply(values: Values, c: Config) -> None:
    """Remove null quotas, which a later values file disabled."""
    rules = values.get("hub.quotas")
    if rules:
        c.KubeSpawner.quotas = {name: rule for name, rule in rules.items() if rule}
