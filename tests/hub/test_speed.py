"""Each lever of `hub.speed` gives what the function that it replaces gives."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from jupyterhub.oauth import provider
from jupyterhub.user import UserDict
from jupyterhub.utils import compare_token, hash_token
from sqlalchemy import event, text

from z2jh_hub.config.sections.hub_speed import LEVERS, VARIABLE
from z2jh_hub.hub import speed
from z2jh_hub.hub.speed import (
    active_servers,
    classes,
    client_secrets,
    database,
    json_parsing,
    names,
    verified_tokens,
    watch_client,
)
from z2jh_hub.hub.speed import pod_changes as pod_changes_lever
from z2jh_hub.hub.speed.originals import Changed, Original
from z2jh_hub.spawner.waiting import pod_changes

REPLACED = [
    pytest.param(name, original, id=f"{name}-{original}")
    for name, module in speed.MODULES.items()
    for original in getattr(import_module(f"z2jh_hub.hub.speed.{module}"), "REPLACES", ())
]


@pytest.fixture
def db(tmp_path: Path) -> Any:
    session = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    yield session
    session.close()
    session.get_bind().dispose()


def test_every_lever_is_a_value() -> None:
    assert set(speed.MODULES) == set(LEVERS)


@pytest.mark.parametrize(("name", "original"), REPLACED)
def test_replaced_function_is_as_reviewed(name: str, original: Original) -> None:
    original.check()  # otherwise review the lever for this release, and set the new digest


def test_lever_is_left_alone_if_the_original_has_changed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def count_active_users(self: Any) -> None:
        """Another function."""

    monkeypatch.setattr(UserDict, "count_active_users", count_active_users)
    monkeypatch.setattr(logging.getLogger("z2jh_hub"), "propagate", True)
    assert not speed.pull("activeServers")
    assert UserDict.count_active_users is count_active_users
    assert len(caplog.messages) == 1
    assert "hub.speed.activeServers is not in effect" in caplog.text
    assert "jupyterhub.user:UserDict.count_active_users" in caplog.text


def test_missing_function_counts_as_changed() -> None:
    with pytest.raises(Changed):
        Original("jupyterhub.user:UserDict", "no_such_function", "0").check()
    with pytest.raises(Changed):
        Original("no_such_module", "function", "0").check()


def test_switched_off_lever_is_not_pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, ",".join(LEVERS))
    assert speed.install() == []


def test_only_generated_secrets_are_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "hash_token", provider.hash_token)
    monkeypatch.setattr(orm, "new_token", orm.new_token)
    client_secrets.install()
    generated = orm.new_token()
    for secret, rounds in ((generated, "1"), ("a password", "16384"), ("ab" * 16, "16384")):
        stored = provider.hash_token(secret)
        assert stored.split(":")[1] == rounds
        assert compare_token(stored, secret)
        assert not compare_token(stored, f"{secret}x")


def test_a_token_is_compared_once_and_only_matches_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def counted(stored: str, token: str) -> bool:
        calls.append(token)
        return bool(compare_token(stored, token))

    monkeypatch.setattr(orm, "compare_token", orm.compare_token)
    monkeypatch.setattr("jupyterhub.utils.compare_token", counted)
    verified_tokens.install()
    stored, other = hash_token("right"), hash_token("other")
    assert [orm.compare_token(stored, "right") for _ in range(3)] == [True] * 3
    assert calls == ["right"]
    assert [orm.compare_token(stored, "wrong") for _ in range(2)] == [False] * 2
    assert not orm.compare_token(other, "right")
    assert not orm.compare_token(stored, "right" * 20)
    assert len(calls) == 5


def test_sqlite_keeps_a_log_and_is_not_pinged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("register_ping_connection", "register_foreign_keys"):
        monkeypatch.setattr(orm, name, getattr(orm, name))
    monkeypatch.setattr(database, "LOCAL", {*database.LOCAL, "9p", "fuse", "virtiofs"})
    database.install()
    session = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1)):
        assert session.execute(text(f"PRAGMA {pragma}")).scalar() == value
    session.add(orm.User(name="ada"))
    session.commit()
    # the end of the process: a copy of the file alone has everything
    database._empty_log(f"{tmp_path}/hub.sqlite")
    shutil.copy(tmp_path / "hub.sqlite", tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        assert copy.execute("SELECT name FROM users").fetchall() == [("ada",)]
    session.close()
    session.get_bind().dispose()


@pytest.mark.parametrize(
    ("mounts", "local"),
    [
        ("overlay / overlay rw 0 0\n", True),
        ("overlay / overlay rw 0 0\nserver:/ {} nfs4 rw 0 0\n", False),
        ("server:/ / nfs rw 0 0\n/dev/sda {} ext4 rw 0 0\n", True),
        ("/dev/sda {} ext4 rw 0 0\nazure {} cifs rw 0 0\n", False),
        ("none / unheard-of rw 0 0\n", False),
    ],
)
def test_log_is_only_kept_on_a_local_file_system(tmp_path: Path, mounts: str, local: bool) -> None:
    file = tmp_path / "mounts"
    file.write_text(mounts.replace("{}", str(tmp_path)))
    assert database._is_local(tmp_path, file) is local


def test_servers_are_counted_as_before() -> None:
    class Server(SimpleNamespace):
        ready = property(lambda self: not self.pending and self.server is not None)
        active = property(lambda self: bool(self.pending or self.ready))

    servers = [
        Server(pending=pending, server=server)
        for pending in (None, None, "spawn", "stop", "check")
        for server in (None, object())
    ]
    users = {
        number: SimpleNamespace(spawners=dict(enumerate(servers[number:]))) for number in range(3)
    }
    assert active_servers.count(users) == UserDict.count_active_users(users)  # type: ignore[arg-type]


def test_all_classes_are_imported_only_for_a_list_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    load = classes.few_unless_listed(lambda hub: ["all"])
    for argument, expected in (
        ("--config=hub.py", {"Authenticator", "CryptKeeper", "Spawner"}),
        ("--GitHubOAuthenticator.client_id=1", {"Authenticator", "CryptKeeper", "Spawner"}),
    ):
        monkeypatch.setattr("sys.argv", ["jupyterhub", argument])
        assert {each.__name__ for each in load(None)} == expected
    for argument in ("--help-all", "-h", "--generate-config", "--show-config-json"):
        monkeypatch.setattr("sys.argv", ["jupyterhub", argument])
        assert load(None) == ["all"]


@pytest.fixture
def known_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for cls in (orm.User, orm.Role):
        monkeypatch.setattr(cls, "find", cls.__dict__["find"])
    names.install()


def test_known_user_is_found_without_a_query(db: Any, known_names: None) -> None:
    db.add(ada := orm.User(name="ada"))
    db.commit()
    assert orm.User.find(db, "ada") is ada
    statements: list[str] = []
    event.listen(db.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    assert orm.User.find(db, "ada") is ada
    assert statements == []
    assert orm.User.find(db, "bob") is None
    assert statements
    assert orm.Role.find(db, "ada") is None
    db.add(orm.Role(name="staff"))
    db.add(bob := orm.User(name="bob"))
    db.commit()
    statements.clear()
    assert orm.User.find(db, "bob") is bob
    assert orm.Role.find(db, "staff").name == "staff"
    assert statements == []


def test_renamed_deleted_or_rolled_back_user_is_looked_up(db: Any, known_names: None) -> None:
    db.add(ada := orm.User(name="ada"))
    db.commit()
    assert orm.User.find(db, "ada") is ada
    ada.name = "lovelace"
    assert orm.User.find(db, "ada") is None
    assert orm.User.find(db, "lovelace") is ada
    db.rollback()
    assert orm.User.find(db, "lovelace") is None
    assert orm.User.find(db, "ada") is ada
    db.delete(ada)
    assert orm.User.find(db, "ada") is None
    db.commit()
    assert orm.User.find(db, "ada") is None
    db.add(second := orm.User(name="ada"))
    db.commit()
    assert orm.User.find(db, "ada") is second


def test_documents_that_orjson_refuses_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    from kubernetes_asyncio.watch import watch
    from kubespawner import reflector

    for module in (watch, reflector):
        monkeypatch.setattr(module, "json", module.json)
    json_parsing.install()
    assert watch.json.loads('{"a": [1, "ü"]}') == {"a": [1, "ü"]}
    assert reflector.json.loads(b'{"a": 9223372036854775807}') == {"a": 2**63 - 1}
    assert watch.json.loads('{"a": NaN, "b": "\\ud800"}')["b"] == "\ud800"
    with pytest.raises(ValueError, match="Expecting"):
        watch.json.loads("{")


async def test_client_of_a_watch_is_made_on_first_use() -> None:
    client = watch_client.LateClient()
    await client.close()
    assert client._client is None
    assert client.deserialize
    await client.close()


def test_hub_runs_with_all_levers_and_without(start_hub: Any, kubeconfig: Path) -> None:
    environ = {"KUBECONFIG": str(kubeconfig)}
    user = f"user-{secrets.token_hex(2)}"
    off = {"hub": {"speed": dict.fromkeys(LEVERS, False)}}
    for values, pulled in (({}, True), (off, False)):
        with start_hub(values, **environ) as hub:
            assert "is not in effect" not in hub.log.read_text()
            assert f"Levers of hub.speed: {'activeServers' if pulled else 'none'}" in (
                hub.log.read_text()
            )
            assert hub.api(f"users/{user}", "POST")[0] in (201, 409)
            assert hub.api(f"users/{user}/server", "POST")[0] in (201, 202)
            assert hub.progress(f"{user}/server")[-1]["ready"]
            assert hub.api(f"users/{user}/server", "DELETE")[0] in (202, 204)


async def test_start_goes_on_when_its_pod_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    from kubespawner import spawner

    monkeypatch.setattr(spawner, "exponential_backoff", spawner.exponential_backoff)
    pod_changes_lever.install()
    waited: list[float] = []

    async def change(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    token = pod_changes.set(change)
    try:
        assert await spawner.exponential_backoff(lambda: len(waited) > 2, "late", timeout=60)
        assert waited == [5.0, 5.0, 5.0]
        with pytest.raises(TimeoutError, match="late"):
            await spawner.exponential_backoff(lambda: False, "late", timeout=0.05)
        waited.clear()
        # requests are repeated as before
        assert await spawner.exponential_backoff(partial(int, "1"), "late") == 1
        assert waited == []
    finally:
        pod_changes.reset(token)
