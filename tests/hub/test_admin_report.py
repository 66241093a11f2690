"""What the page of administrators reports about servers, and who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from jupyterhub import orm
from jupyterhub.scopes import parse_scopes
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY, Person

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


# hana may use the page of administrators, for the users of one group
VALUES: dict[str, Any] = {
    "hub": {
        "config": {**ANYBODY, "Authenticator": {"admin_users": ["grace"]}},
        "loadRoles": {
            "helper": {
                "scopes": ["admin-ui", "list:users!group=class", "admin:servers!group=class"],
                "users": ["hana"],
            }
        },
    }
}


def fail(hub: Hub, user: str) -> None:
    """Start a server that fails, and wait until it has."""
    hub.api(f"users/{user}", "POST")
    hub.api(f"users/{user}/server", "POST")
    pending = lambda: hub.api(f"users/{user}")[1]["servers"].get("", {}).get("pending")  # noqa: E731
    wait_until(lambda: not pending(), hub.process, hub.log)


def test_only_administrators_of_all_users_see_it_also_after_a_restart(
    start_hub: Callable[..., Any], cluster: Cluster
) -> None:
    environ = {"KUBECONFIG": str(cluster.kubeconfig)}
    with start_hub(VALUES, **environ) as hub:
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
        fail(hub, "ada")
        for user, page in {"ada": 403, "hana": 200}.items():
            person = Person(hub, user)
            for path, status in {"admin": page, "admin/report": 403}.items():
                answer, html = person.html(path)
                assert answer == status, (user, path)
                assert "post-start-failed" not in html
                assert 'id="admin-report"' not in html
    with start_hub(VALUES, **environ) as hub:
        grace = Person(hub, "grace")
        assert "post-start-failed" in grace.get("admin")[1]
        status, text = grace.html("admin/report?server=ada/&server=nobody/&after=0")
        assert status == 200
        report = json.loads(text)
        assert "post-start-failed" in report["failures"]
        ada, nobody = report["starts"]
        assert "The server of ada could not be started" in ada["message"]
        assert nobody == {"server": "nobody/", "pending": False, "message": ""}
        assert grace.html("admin/report?after=x")[0] == 400
