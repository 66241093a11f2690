"""A job that exports the used hours of each quota as metrics.

By rule and never by user: a name in a metric is seen by all who see the dashboard, and a series
for each user is more than Prometheus is made for.
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

EVERY = usage.EVERY.total_seconds()  # nothing new is known in between

HOURS = Gauge("z2jh_quota_used_hours", "Hours that servers ran in the last week", ["quota"])
USERS = Gauge("z2jh_quota_users", "Users whose servers ran in the last week", ["quota"])
USED_UP = Gauge("z2jh_quota_used_up_users", "Users whose hours of a week are used up", ["quota"])


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("quota use", EVERY, look))


async def look(hub: JupyterHub) -> None:
    """Update the metrics."""
    rules = _rules_in_force(hub)
    limits = {name for name, rule in rules.items() if rule.get("hoursPerWeek") is not None}
    for gauge in (HOURS, USERS, USED_UP):
        gauge.clear()  # a rule may have gone
        for name in limits:
            gauge.labels(name).set(0)
    if limits:
        count(hub.db, rules)
        hub.db.commit()  # no transaction stays open until something else is asked


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


def _rules_in_force(hub: JupyterHub) -> Mapping[str, Mapping[str, Any]]:
    """As the spawners have them; the configuration follows the values while the hub runs."""
    given = resolved(hub.spawner_class, hub.config, "quotas")
    return given if isinstance(given, Mapping) else {}
