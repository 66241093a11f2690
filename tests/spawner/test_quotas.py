"""Quotas: which rule holds, what is refused and in which words, hours that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from z2jh_hub.config.values import Values
from z2jh_hub.spawner import usage
from z2jh_hub.spawner.quotas import Quota, hours_rule, quota_of

RULES = [
    {"servers": 1, "hoursPerWeek": 10},
    {"groups": ["staff"], "servers": 3, "profiles": {"gpu": 1}},
    {"groups": ["lab"], "servers": 2, "profiles": {"gpu": 2, "huge": 0}},
    {"users": ["bo"], "servers": 5},
]
NOON = datetime(2026, 11, 25, 12)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("user", "groups", "quota"),
    [
        ("ada", (), Quota(1, 10, {})),
        ("ada", ("staff",), Quota(3, 10, {"gpu": 1})),
        ("ada", ("staff", "lab"), Quota(3, 10, {"gpu": 2, "huge": 0})),
        ("bo", ("lab",), Quota(5, 10, {"gpu": 2, "huge": 0})),
    ],
)
def test_which_rule_holds(user: str, groups: tuple[str, ...], quota: Quota) -> None:
    assert quota_of(RULES, user, frozenset(groups)) == quota


def test_no_rule_is_no_limit() -> None:
    assert quota_of([], "ada", frozenset()) == Quota()
    assert hours_rule({}, "ada", frozenset()) is None


@pytest.mark.parametrize(
    ("user", "groups", "name"),
    [
        ("ada", (), "all"),
        ("ada", ("staff",), "all"),  # speaks of no hours
        ("ada", ("lab", "class"), "class"),  # the more generous
        ("bo", ("class",), "bo"),
    ],
)
def test_which_rule_limits_the_hours(user: str, groups: tuple[str, ...], name: str) -> None:
    rules = {
        "all": {"hoursPerWeek": 10},
        "staff": {"groups": ["staff"], "servers": 3},
        "lab": {"groups": ["lab"], "hoursPerWeek": 5},
        "class": {"groups": ["class"], "hoursPerWeek": 10},
        "bo": {"users": ["bo"], "hoursPerWeek": 1},
    }
    assert hours_rule(rules, user, frozenset(groups)) == name


@pytest.fixture
def db() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_hours_of_a_week_are_added_up(db: Session) -> None:
    usage.record(db, 1, "", NOON - 8 * 24 * HOUR, NOON - 7 * 24 * HOUR + HOUR)  # one hour of it
    usage.record(db, 1, "", NOON - 3 * HOUR, NOON - 2 * HOUR)
    usage.record(db, 1, "", NOON - 3 * HOUR, NOON - HOUR)  # the same server, seen again
    usage.record(db, 1, "second", NOON - HOUR, NOON)
    usage.record(db, 2, "", NOON - 5 * HOUR, NOON)
    assert usage.hours(db, 1, NOON) == pytest.approx(4)


def test_what_no_quota_looks_at_any_more_goes(db: Session) -> None:
    usage.record(db, 1, "", NOON - 30 * 24 * HOUR, NOON - 20 * 24 * HOUR)
    usage.record(db, 1, "", NOON - HOUR, NOON)
    assert len(db.execute(usage.SESSIONS.select()).all()) == 1


def running(profile: str) -> Any:
    return SimpleNamespace(active=True, profile_slug=profile)


@pytest.mark.parametrize(
    ("rule", "others", "reported"),
    [
        ({"servers": 1}, [running("gpu")], "You have 1 server and may have 1 at once"),
        ({"servers": 0}, [], "You may not start a server."),
        ({"profiles": {"gpu": 1}}, [running("gpu")], "You have 1 server of the profile GPU"),
        ({"profiles": {"gpu": 1}}, [running("plain")], ""),
        ({"servers": 2}, [running("plain")], ""),
        ({}, [running("plain")] * 9, ""),
    ],
)
async def test_what_is_refused_and_in_which_words(
    spawner: Callable[..., Any], rule: dict[str, Any], others: list[Any], reported: str
) -> None:
    profiles = [{"display_name": "GPU", "slug": "gpu"}]
    server = spawner("ada", quotas={"all": rule}, profile_list=profiles)
    server.user.spawners = {"": server, **{str(i): other for i, other in enumerate(others)}}
    if not reported:
        server.run_pre_spawn_hook()
        return
    with pytest.raises(SpawnException) as refused:
        server.run_pre_spawn_hook()
    assert reported in refused.value.message
    assert refused.value.status_code == 403
    assert refused.value.reason == "user-quota"


async def test_hours_run_out(
    spawner: Callable[..., Any], db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "now", lambda: NOON)
    server = spawner("ada", quotas={"all": {"hoursPerWeek": 2}})
    server.user.db = db
    usage.record(db, server.user.id, "", NOON - HOUR, NOON)
    server.run_pre_spawn_hook()
    assert server.quota_note == "1.0 of 2 hours left this week."
    usage.record(db, server.user.id, "", NOON - 3 * HOUR, NOON - HOUR)
    with pytest.raises(SpawnException, match=r"3\.0 of your 2 hours a week"):
        server.run_pre_spawn_hook()


@pytest.mark.parametrize(
    ("quotas", "key", "reported"),
    [
        ({"all": 3}, "hub.quotas.all", "invalid quota"),
        ({"all": {"server": 3}}, "hub.quotas.all.server", "unknown key of a quota"),
        ({"all": {"servers": "3"}}, "hub.quotas.all.servers", "invalid value"),
        ({"all": {"profiles": {"gpu": -1}}}, "hub.quotas.all.profiles", "invalid value"),
        ({"all": {"groups": ["stuff"]}}, "hub.quotas.all.groups", "the group stuff"),
    ],
)
def test_invalid_rules_are_reported(quotas: Any, key: str, reported: str) -> None:
    from z2jh_hub.config.sections import hub_quotas

    config = {"JupyterHub": {"load_groups": {"staff": {}}}}
    values = Values({"hub": {"quotas": quotas, "config": config}})
    (problem,) = hub_quotas.problems(values)
    assert problem.key == key
    assert reported in problem.message


def test_a_real_hub_refuses_in_words_and_counts_hours(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    values = {
        "hub": {
            "allowNamedServers": True,
            "consecutiveFailureLimit": 2,
            "quotas": {"all": {"servers": 1, "hoursPerWeek": 100}},
        },
        "singleuser": {"storage": {"type": "none"}},
    }
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        assert hub.api("users/ada/server", "POST")[0] in (201, 202)
        for _ in range(3):
            status, answer = hub.api("users/ada/servers/second", "POST")
            assert (status, answer["message"][:12]) == (403, "You have 1 s")


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"users": "adam", "servers": 1}, True),
        ({"groups": "staff", "servers": 1}, True),
        ({"server": 1}, True),
        ({"groups": ["staff"], "servers": "1"}, True),
        ({"groups": ["staff"], "servers": True}, True),
        ({"groups": ["staff"], "servers": float("nan")}, True),
        ({"servers": float("inf")}, True),
        ({"profiles": {"gpu": "none"}}, True),
        ({"profiles": ["gpu"]}, True),
        ({"hours": 5}, True),
        ("one server", True),
        ({"groups": ["others"], "server": 1}, False),
        ({"users": ["bo"], "servers": "1"}, False),
        ({"servers": 1, "groups": None}, False),
        (None, False),
    ],
)
async def test_a_quota_that_is_not_understood_denies_those_it_may_be_for(
    spawner: Callable[..., Any], rule: Any, refused: bool
) -> None:
    """Also one that Python or hub.config.KubeSpawner.quotas gives, which no schema sees."""
    server = spawner("ada", "staff", quotas={"rule": rule})
    if refused:
        with pytest.raises(SpawnException, match="has a mistake") as result:
            server.run_pre_spawn_hook()
        assert result.value.status_code == 403
    else:
        server.run_pre_spawn_hook()
    assert server.quota_note is not None
