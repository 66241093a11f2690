"""What the page of administrators reports about servers, and who may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from jupyterhub import orm
from jupyterhub.scopes import parse_scopes

from z2jh_hub.hub.pages import admin
from z2jh_hub.spawner.home_sizes import size_of

START = datetime(2026, 1, 1)


@pytest.fixture
def db() -> Any:
    return orm.new_session_factory("sqlite:///:memory:")()


def add(db: Any, user: str, hour: int, state: dict[str, Any] | None, name: str = "") -> None:
    owner = orm.User(name=user)
    active = START + timedelta(hours=hour)
    db.add(owner)
    db.add(orm.Spawner(user=owner, name=name, state=state, last_activity=active))
    db.commit()


def stop(hour: int) -> dict[str, Any]:
    return {"reason": "user", "at": f"2026-01-01T{hour:02}:00:00+00:00"}


def test_the_last_stop_is_first(db: Any) -> None:
    add(db, "ada", 1, {"last_stop": stop(1), "home_size": "10Gi"})
    add(db, "bo", 3, {"last_stop": stop(3)}, name="thesis")
    add(db, "cy", 9, {"home_size": "512Mi"})
    add(db, "di", 9, {"pod_name": "jupyter-di"})
    add(db, "ed", 9, None)
    rows = [(each.user, each.title, each.home) for each in admin.servers(db)]
    assert rows == [("bo", "thesis", ""), ("ada", "", "10 GiB"), ("cy", "", "512 MiB")]
    assert [each.user for each in admin.servers(db, "d")] == ["ada"]
    assert admin.servers(db, "%") == []


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("10Gi", "10 GiB"), ("1.5Ti", "1.5 TiB"), ("10G", "9.313 GiB"), ("0", ""), ("?", "")],
)
def test_sizes(quantity: Any, text: str) -> None:
    assert admin.size(quantity) == text


def test_a_claim_has_its_capacity_or_else_what_it_requests() -> None:
    spec = {"resources": {"requests": {"storage": "10Gi"}}}
    assert size_of({"spec": spec}) == "10Gi"
    assert size_of({"spec": spec, "status": {"capacity": {"storage": "20Gi"}}}) == "20Gi"
    assert size_of({}) == ""


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        (["admin-ui", "list:users", "admin:servers"], True),
        (["admin-ui", "list:users"], False),
        (["admin-ui", "list:users!group=a", "admin:servers!group=a"], False),
        (["list:users", "admin:servers"], False),
        ([], False),
    ],
)
def test_who_may_see_it(scopes: list[str], may: bool) -> None:
    assert admin.may_see_report(parse_scopes(set(scopes))) is may
