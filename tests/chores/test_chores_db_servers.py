"""Backups of real PostgreSQL and MariaDB servers."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from jupyterhub import orm
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from support.databases import PASSWORD, mariadb, place, postgres

from z2jh_hub.chores import ChoreError
from z2jh_hub.chores.db import backups, chores

pytestmark = pytest.mark.processes

__all__ = ["mariadb", "place", "postgres"]


@pytest.fixture(params=["postgres", "mariadb"])
def url(request: pytest.FixtureRequest) -> URL:
    """The database of a hub with one user."""
    database = make_url(request.getfixturevalue(request.param).url).set(password=PASSWORD)
    session = orm.new_session_factory(database.render_as_string(hide_password=False))()
    session.add(orm.User(name="ada"))
    session.commit()
    session.get_bind().dispose()
    session.close()
    return database


def ask(url: URL, question: str) -> list[object]:
    engine = create_engine(url)
    with engine.begin() as connection:
        answer = connection.execute(text(question))
        rows = [row[0] for row in answer] if answer.returns_rows else []
    engine.dispose()
    return rows


def test_backup_is_restored(url: URL, tmp_path: Path) -> None:
    file = chores.backup(url, tmp_path, 5)
    ask(url, "UPDATE users SET name = 'grace'")
    # a column of a later schema, which the backup does not have
    ask(url, "ALTER TABLE users ADD COLUMN later INTEGER")
    chores.restore(url, tmp_path, file.name, 5)
    assert ask(url, "SELECT name FROM users") == ["ada"]
    with pytest.raises(Exception, match="later"):
        ask(url, "SELECT later FROM users")
    before = backups.listed(tmp_path)[0]
    assert before != file
    assert chores.verify(url, tmp_path)[0].startswith("the schema is")


def test_a_truncated_backup_is_refused(url: URL, tmp_path: Path) -> None:
    file = chores.backup(url, tmp_path, 5)
    file.write_bytes(file.read_bytes()[:-300])
    ask(url, "UPDATE users SET name = 'grace'")
    with pytest.raises(ChoreError):
        chores.restore(url, tmp_path, "latest", 5)
    assert ask(url, "SELECT name FROM users") == ["grace"]


def test_password_is_in_no_command_line_error_or_backup(
    url: URL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ChoreError) as error:
        chores.backup(url.set(password=f"not-{PASSWORD}"), tmp_path, 5)
    chores.backup(url, tmp_path, 5)
    assert PASSWORD not in str(error.value) + caplog.text
    assert PASSWORD not in b"".join(f.read_bytes() for f in backups.listed(tmp_path)).decode(
        "utf-8", "replace"
    )
