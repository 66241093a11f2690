"""The failed starts of the last day, as the page of administrators shows them."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from jupyterhub.spawner import SpawnException

from z2jh_hub.failures import Diagnosis, Fact
from z2jh_hub.failures.catalogue import CATALOGUE
from z2jh_hub.spawner import failed_starts
from z2jh_hub.spawner.start_failures import StartFailed


@pytest.fixture
def db() -> Any:
    db = orm.new_session_factory("sqlite:///:memory:")()
    db.add_all([orm.User(name="ada"), orm.User(name="bo")])
    db.commit()
    return db


def record(db: Any, user: str, error: Any = None, server: str = "", **options: Any) -> None:
    who = SimpleNamespace(id=db.query(orm.User).filter_by(name=user).one().id)
    spawner = SimpleNamespace(user=who, name=server, user_options=options)
    error = error or SpawnException("Not now.", reason="error", status_code=500)
    failed_starts.record(db, spawner, error)


def test_failures_are_grouped_by_cause(db: Any) -> None:
    failure = CATALOGUE[0]
    known = StartFailed(Diagnosis(failure, Fact("event", "Failed", "password=hunter2 is wrong")))
    record(db, "ada")
    record(db, "ada", known, "other", profile="gpu")
    record(db, "bo", known)
    groups = failed_starts.by_cause(failed_starts.last_day(db))
    assert [(each.cause, each.users) for each in groups] == [
        (failure.id, ["bo", "ada"]),
        ("error", ["ada"]),
    ]
    start = groups[0].starts[1]
    assert (start.user, start.server, start.profile) == ("ada", "other", "gpu")
    assert start.detail.startswith("Failed: password=")
    assert "hunter2" not in start.detail
    assert failed_starts.newest_id(db) == groups[0].starts[0].id


def test_only_the_last_day_and_a_limited_number_are_kept(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = failed_starts.now()
    monkeypatch.setattr(failed_starts, "KEPT", 3)
    monkeypatch.setattr(failed_starts, "now", lambda: now - timedelta(hours=25))
    record(db, "ada")
    monkeypatch.setattr(failed_starts, "now", lambda: now)
    assert failed_starts.last_day(db) == []
    for _ in range(5):
        record(db, "bo")
    assert len(db.execute(failed_starts.FAILED_STARTS.select()).all()) == 3
    ids = [start.id for start in failed_starts.last_day(db)]
    assert ids == sorted(ids, reverse=True)
    assert failed_starts.newest_id(db) == ids[0]


def test_the_length_of_what_a_user_sends_is_limited(db: Any) -> None:
    error = SpawnException("x" * 5000, reason="y" * 500, status_code=500)
    record(db, "ada", error, profile={"a": "z" * 5000})
    start = failed_starts.last_day(db)[0]
    assert max(map(len, (start.profile, start.cause, start.detail))) <= failed_starts.DETAIL


def test_starts_of_deleted_users_are_not_shown(db: Any) -> None:
    record(db, "bo")
    db.delete(db.query(orm.User).filter_by(name="bo").one())
    db.commit()
    assert failed_starts.last_day(db) == []
