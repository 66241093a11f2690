"""How long a start of a profile usually takes."""

from __future__ import annotations

from typing import Any

import pytest
from jupyterhub import orm
from prometheus_client import REGISTRY
from sqlalchemy.orm import Session

from z2jh_hub.spawner import start_times


@pytest.fixture
def db() -> Any:
    return orm.new_session_factory("sqlite:///:memory:")()


def record(db: Any, profile: str, *durations: float) -> None:
    for seconds in durations:
        start_times.record(db, profile, seconds)


def test_the_usual_time_is_the_median_of_the_profile(db: Any) -> None:
    record(db, "small", 10, 12, 300)
    record(db, "gpu", 100, 100, 130)
    assert start_times.usual(db, "small") == 12
    assert start_times.usual(db, "gpu") == 100


def test_nothing_is_usual_after_two_starts(db: Any) -> None:
    record(db, "few", 10, 12)
    assert start_times.usual(db, "few") is None


def test_old_starts_are_forgotten(db: Any) -> None:
    record(db, "other", 1, 2, 3)
    record(db, "small", *[500.0] * start_times.KEPT, *[20.0] * start_times.KEPT)
    assert start_times.usual(db, "small") == 20
    of_profile = start_times.STARTS.c.profile == "small"
    rows = db.execute(start_times.STARTS.select().where(of_profile)).all()
    assert len(rows) == start_times.KEPT
    assert start_times.usual(db, "other") == 2


def test_the_metric_is_there_after_a_restart(db: Any) -> None:
    record(db, "kept", 7, 8, 9)
    db.commit()
    start_times.USUAL.clear()
    with Session(db.get_bind()) as restarted:
        start_times.export(restarted)
    assert REGISTRY.get_sample_value("z2jh_usual_start_seconds", {"profile": "kept"}) == 8
