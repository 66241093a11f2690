"""A hub's database, moved between SQLite, PostgreSQL and MariaDB, and back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from jupyterhub import orm
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from support.databases import PASSWORD, mariadb, place, postgres

from z2jh_hub.chores import ChoreError
from z2jh_hub.chores.db import move, schema
from z2jh_hub.cli import main

pytestmark = pytest.mark.processes

__all__ = ["mariadb", "place", "postgres"]

USERS = 2500  # more than one part


def new_hub(url: URL) -> None:
    session = orm.new_session_factory(url.render_as_string(hide_password=False))()
    session.add_all(orm.User(name=f"user-{n}") for n in range(USERS))
    ada = orm.User(name="ada", admin=True, encrypted_auth_state=b"\x00\xffencrypted")
    ada.groups.append(orm.Group(name="staff", properties={"shares": 3}))
    session.add(ada)
    session.commit()
    session.add(orm.OAuthClient(identifier="jupyterhub"))
    session.commit()
    orm.APIToken.new(token="a-token-of-ada", user=ada, note="for scripts", scopes=[])
    session.add(orm.Spawner(name="lab", user=ada, state={"pod_name": "jupyter-ada--lab"}))
    session.commit()
    # as NativeAuthenticator does
    session.execute(text("CREATE TABLE users_info (id INTEGER PRIMARY KEY, username VARCHAR(128),"
                         " password BLOB, is_authorized BOOLEAN)"))  # fmt: skip
    session.execute(text("INSERT INTO users_info VALUES (7, 'ada', x'00ff10', 1)"))
    session.commit()
    session.get_bind().dispose()
    session.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    """The database of a hub with many users, a token, a server and a table of an extension."""
    url = make_url(f"sqlite:///{tmp_path}/jupyterhub.sqlite")
    new_hub(url)
    return url


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> URL:
    """An empty database."""
    return make_url(request.getfixturevalue(request.param).url).set(password=PASSWORD)


def tables(url: URL) -> list[str]:
    engine = create_engine(url)
    names = sorted(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_everything_arrives_and_comes_back(sqlite: URL, server: URL, tmp_path: Path) -> None:
    copied = {table.table: table for table in move.move(sqlite, server)}
    assert copied["users"] == move.Copied("users", USERS + 1)
    assert copied["users_info"].rows == copied["api_tokens"].rows == 1
    back = make_url(f"sqlite:///{tmp_path}/back.sqlite")
    assert move.move(server, back) == list(copied.values())
    for url in (server, back):
        assert schema.read(url).state == "current"
        session = orm.new_session_factory(url.render_as_string(hide_password=False))()
        ada = orm.User.find(session, "ada")
        assert ada.encrypted_auth_state == b"\x00\xffencrypted"
        assert [(g.name, g.properties) for g in ada.groups] == [("staff", {"shares": 3})]
        assert ada.orm_spawners["lab"].state == {"pod_name": "jupyter-ada--lab"}
        assert orm.APIToken.find(session, "a-token-of-ada").user is ada
        (row,) = session.execute(text("SELECT id, username, password FROM users_info"))
        assert (row[0], row[1], bytes(row[2])) == (7, "ada", b"\x00\xff\x10")
        # the next user gets a new id
        session.add(orm.User(name="grace"))
        session.commit()
        session.get_bind().dispose()
        session.close()


def test_references_to_nothing_are_left_out_and_counted(sqlite: URL, server: URL) -> None:
    with closing(sqlite3.connect(str(sqlite.database))) as database:
        database.execute("UPDATE spawners SET user_id = 99999")
        database.commit()
    copied = {table.table: table for table in move.move(sqlite, server)}
    assert copied["spawners"] == move.Copied("spawners", 0, dropped=1)


def test_a_failure_leaves_the_target_empty_and_shows_no_row(sqlite: URL, server: URL) -> None:
    with closing(sqlite3.connect(str(sqlite.database))) as database:
        database.execute("UPDATE api_tokens SET note = ?", ["secret" * 500])
        database.commit()
    with pytest.raises(ChoreError, match="refused") as failure:
        move.move(sqlite, server)
    assert "secretsecret" not in str(failure.value)
    assert PASSWORD not in str(failure.value)
    assert set(tables(server)) <= {schema.VERSION_TABLE}
    assert schema.read(server).state == "none"


def test_a_database_with_a_hub_is_not_overwritten(sqlite: URL, tmp_path: Path) -> None:
    other = make_url(f"sqlite:///{tmp_path}/other.sqlite")
    new_hub(other)
    with pytest.raises(ChoreError, match="already contains tables"):
        move.move(sqlite, other)
    with pytest.raises(ChoreError, match="no hub's database"):
        move.move(make_url(f"sqlite:///{tmp_path}/none.sqlite"), other)


def test_the_command_reads_the_password_and_counts(sqlite: URL, server: URL) -> None:
    bare = server._replace(password=None).render_as_string()
    source = ["--from", str(sqlite.database)]
    done = CliRunner().invoke(main, ["db", "move", bare, *source], input=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert f"{USERS + 1}" in done.stdout
    assert "Set hub.db to the new database" in done.stdout
    assert PASSWORD not in done.output


def test_tables_of_others_are_never_touched(sqlite: URL, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "theirs.sqlite")) as database:
        database.execute("CREATE TABLE users_info (mine TEXT)")
        database.execute("INSERT INTO users_info VALUES ('kept')")
        database.commit()
    with pytest.raises(ChoreError, match="such as users_info"):
        move.move(sqlite, make_url(f"sqlite:///{tmp_path}/theirs.sqlite"))
    with closing(sqlite3.connect(tmp_path / "theirs.sqlite")) as database:
        assert database.execute("SELECT * FROM users_info").fetchall() == [("kept",)]


@pytest.mark.parametrize("target", ["sqlite://", "sqlite:///:memory:"])
def test_a_target_without_a_file_is_refused_as_the_target(sqlite: URL, target: str) -> None:
    with pytest.raises(ChoreError, match="new database names no file"):
        move.move(sqlite, make_url(target))


def test_only_the_owner_can_read_a_new_file(sqlite: URL, tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    move.move(sqlite, make_url(f"sqlite:///{file}"))
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ChoreError, match="cannot be written"):
        move.move(sqlite, make_url(f"sqlite:///{tmp_path}/none/new.sqlite"))


def test_no_error_shows_a_password_among_the_options() -> None:
    url = make_url("postgresql+psycopg2://hub@db/hub?password=hunter2&sslmode=require")
    shown = schema.without_password(url)
    assert "hunter2" not in shown
    assert "sslmode=require" in shown


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://hub:hunter2@db/hub", "leave it out"),
        ("postgresql+psycopg2://hub@db/hub?password=hunter2", "leave it out"),
        ("postgres+nodriver://hub@db/hub", "expected: mysql+pymysql://USER@HOST:3306/DATABASE or"),
        ("mysql+nodriver://hub@db/hub", "cannot use this URL"),
        ("hub", "a database URL is expected"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, message: str) -> None:
    done = CliRunner().invoke(main, ["db", "move", url], input="hunter2\n")
    assert done.exit_code == 2
    assert message in done.output
    assert "hunter2" not in done.output
