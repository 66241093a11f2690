"""How much of the quotas' hours was used, as the hub's metrics say it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from kubespawner import KubeSpawner
from prometheus_client import REGISTRY
from traitlets.config import Config

from z2jh_hub.hub.jobs import quota_use
from z2jh_hub.spawner import usage

RULES = {
    "all": {"hoursPerWeek": 2},
    "staff": {"groups": ["staff"], "hoursPerWeek": 20},
    "few": {"servers": 1},
}


def series(name: str) -> dict[str, float]:
    """The values of a metric, by quota."""
    (metric,) = (each for each in REGISTRY.collect() if each.name == name)
    return {sample.labels["quota"]: sample.value for sample in metric.samples}


def hub_of(db: Any, rules: Any) -> Any:
    config = Config({"KubeSpawner": {"quotas": rules}})
    return SimpleNamespace(db=db, config=config, spawner_class=KubeSpawner)


@pytest.fixture
def db() -> Any:
    """A hub's database: Ada and Bo are staff, Cy and Di are not."""
    session = orm.new_session_factory("sqlite:///:memory:")()
    staff = orm.Group(name="staff")
    for name, hours in {"ada": 5, "bo": 1, "cy": 3, "di": 0}.items():
        user = orm.User(name=name, groups=[staff] if name < "c" else [])
        session.add(user)
        session.commit()
        if hours:
            now = usage.now()
            usage.record(session, user.id, "", now - timedelta(hours=hours), now)
    yield session
    session.close()
    session.get_bind().dispose()


async def test_hours_are_counted_by_the_rule_that_limits_them(db: Any) -> None:
    for _ in range(2):  # again each time
        await quota_use.look(hub_of(db, RULES))
        assert series("z2jh_quota_used_hours") == pytest.approx({"all": 3, "staff": 6}, abs=0.01)
        assert series("z2jh_quota_users") == {"all": 1, "staff": 2}
        assert series("z2jh_quota_used_up_users") == {"all": 1, "staff": 0}
    assert not db.in_transaction()


@pytest.mark.parametrize("rules", [{}, {"few": {"servers": 1}}])
async def test_rules_that_went_are_no_longer_told(db: Any, rules: Any) -> None:
    await quota_use.look(hub_of(db, RULES))
    await quota_use.look(hub_of(db, rules))
    assert series("z2jh_quota_users") == {}
