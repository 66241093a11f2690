"""`hub.quotas`: how many servers, of which profiles, for how many hours a week."""

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
        "a mapping of profiles' slugs to whole numbers",
        lambda v: isinstance(v, dict) and all(map(integer(0).accepts, v.values())),
    ),
}


def problems(values: Values) -> Iterator[Problem]:
    """Rules that are none, and rules for groups that nobody can be in."""
    rules = values.get("hub.quotas")
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        if isinstance(rule, dict):
            yield from _rule_problems(values, f"hub.quotas.{name}", rule)
        else:
            yield values.problem(
                f"hub.quotas.{name}",
                "not a rule",
                given=rule,
                expected="a mapping such as {groups: [students], servers: 1}",
            )


def _rule_problems(values: Values, key: str, rule: dict[str, Any]) -> Iterator[Problem]:
    for part, given in rule.items():
        kind = PARTS.get(part)
        if kind is None:
            yield values.problem(
                f"{key}.{part}", "not a part of a quota", expected="one of " + ", ".join(PARTS)
            )
        elif given is not None and not kind.accepts(given):
            yield values.problem(f"{key}.{part}", "not a quota", expected=kind.expected)
    known = groups_of(values)
    groups = rule.get("groups")
    for group in groups if known and isinstance(groups, list) else ():
        if group not in known:
            yield values.problem(
                f"{key}.groups",
                f"a quota for the group {group}, which hub.config.JupyterHub.load_groups "
                "does not make",
                expected="one of " + ", ".join(sorted(known)),
                severity="warning",
            )


def apply(values: Values, c: Config) -> None:
    """Drop rules that are null: the administrator took them out of an earlier file."""
    rules = values.get("hub.quotas")
    if rules:
        c.KubeSpawner.quotas = {name: rule for name, rule in rules.items() if rule}
