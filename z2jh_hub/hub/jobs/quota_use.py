"""A job that exports the used hours of each quota as metrics.

The metrics are per rule, not per user: everyone who sees the dashboard would see user names, and
Prometheus is not made for a series per user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from prometheus_client import Gauge
from sqlalchemy.orm import selectinload

from ...config.keys import resolved
from ...spawner import usage
from ...spawner.quotas import hours_rule
from . import background

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

EVERY = usage.EVERY.total_seconds()  # usage is recorded this often

HOURS = Gauge("z2jh_quota_used_hours", "Hours that servers ran in the last week", ["quota"])
USERS = Gauge("z2jh_quota_users", "Users whose servers ran in the last week", ["quota"])
USED_UP = Gauge("z2jh_quota_used_up_users", "Users whose hours of a week are used up", ["quota"])


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("quota use", EVERY, look))


async def look(hub: JupyterHub) -> None:
    """Update the metrics."""
    rules = _effective_rules(hub)
    limits = {name for name, rule in rules.items() if rule.get("hoursPerWeek") is not None}
    for gauge in (HOURS, USERS, USED_UP):
        gauge.clear()  # a rule may have been removed
        for name in limits:
            gauge.labels(name).set(0)
    if limits:
        count(hub.db, rules)
        hub.db.commit()  # do not leave a transaction open until the next query


def count(db: Any, rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Add each user's hours of the last week to the rule that limits them."""
    used = usage.all_hours(db, usage.now())
    users = db.query(orm.User).filter(orm.User.id.in_(used)).options(selectinload(orm.User.groups))
    for user in users:
        name = hours_rule(rules, user.name, frozenset(group.name for group in user.groups))
        if name is None:
            continue
        HOURS.labels(name).inc(used[user.id])
        USERS.labels(name).inc()
        if used[user.id] >= rules[name]["hoursPerWeek"]:
            USED_UP.labels(name).inc()


def _effective_rules(hub: JupyterHub) -> Mapping[str, Mapping[str, Any]]:
    """Return the rules of the spawners, from the hub's configuration, which live reload updates."""
    rules = resolved(hub.spawner_class, hub.config, "quotas")
    return rules if isinstance(rules, Mapping) else {}
