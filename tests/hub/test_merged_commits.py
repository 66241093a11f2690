"""The lever `commits`: one commit between two waits, and nothing is lost or hidden by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from z2jh_hub.hub.speed.commits import merging_commits

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    session = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    yield session
    session.close()
    session.get_bind().dispose()


@pytest.fixture
def commits(db: Any) -> list[set[str]]:
    """The names that each commit found in the database."""
    names_at_commits: list[set[str]] = []
    event.listen(db, "after_commit", lambda session: names_at_commits.append(stored(session)))
    return names_at_commits


def stored(db: Any) -> set[str]:
    """Return the users in the database, as another connection sees them."""
    with Session(db.get_bind()) as other:
        return set(other.scalars(orm.User.__table__.select().with_only_columns(orm.User.name)))


def add(db: Any, name: str) -> orm.User:
    user = orm.User(name=name)
    db.add(user)
    db.commit()
    return user


def run(db: Any, method: Run) -> Any:
    return merging_commits(method)(SimpleNamespace(db=db))  # type: ignore[arg-type]


async def test_one_commit_between_two_waits(db: Any, commits: list[set[str]]) -> None:
    async def start(self: Any) -> str:
        add(db, "ada")
        add(db, "bob")
        await asyncio.sleep(0)
        assert stored(db) == {"ada", "bob"}
        add(db, "eve")
        return "started"

    assert await run(db, start) == "started"
    assert commits == [{"ada", "bob"}, {"ada", "bob", "eve"}]


async def test_a_new_object_has_its_id_at_once(db: Any) -> None:
    async def start(self: Any) -> int | None:
        return add(db, "ada").id

    assert await run(db, start) == 1


async def test_others_see_all_changes_while_a_start_waits(db: Any) -> None:
    go_on = asyncio.Event()

    async def start(self: Any) -> None:
        add(db, "ada")
        await go_on.wait()

    task = asyncio.create_task(run(db, start))
    await asyncio.sleep(0)
    assert stored(db) == {"ada"}
    assert "commit" not in vars(db)
    db.rollback()  # of another request that failed
    go_on.set()
    await task
    assert stored(db) == {"ada"}


async def test_a_start_that_fails_keeps_what_it_committed(db: Any) -> None:
    async def start(self: Any) -> None:
        add(db, "ada")
        raise ValueError("the hook failed")

    with pytest.raises(ValueError, match="the hook failed"):
        await run(db, start)
    assert stored(db) == {"ada"}
    assert "commit" not in vars(db)


async def test_a_commit_that_fails_is_an_error_of_the_start(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled = []

    async def start(self: Any) -> None:
        add(db, "ada")
        try:
            await asyncio.sleep(60)
        except OperationalError as error:
            handled.append(error)
            raise

    def fail(session: Any) -> None:
        raise OperationalError("COMMIT", None, Exception("the disk is full"))

    event.listen(db, "before_commit", fail)
    with pytest.raises(OperationalError, match="the disk is full"):
        await run(db, start)
    assert len(handled) == 1
    db.rollback()
    event.remove(db, "before_commit", fail)
    assert stored(db) == set()
    add(db, "bob")  # the session is as usable as before


async def test_the_error_of_the_start_wins_over_that_of_its_commit(db: Any) -> None:
    async def start(self: Any) -> None:
        add(db, "ada")
        raise ValueError("the hook failed")

    def fail(session: Any) -> None:
        raise OperationalError("COMMIT", None, Exception("the disk is full"))

    event.listen(db, "before_commit", fail)
    with pytest.raises(ValueError, match="the hook failed"):
        await run(db, start)
    event.remove(db, "before_commit", fail)
    add(db, "bob")
    assert stored(db) == {"bob"}


async def test_a_stop_within_a_start_commits_with_it(db: Any, commits: list[set[str]]) -> None:
    async def stop(self: Any) -> None:
        add(db, "bob")

    async def start(self: Any) -> None:
        add(db, "ada")
        await run(db, stop)
        add(db, "eve")

    await run(db, start)
    assert commits == [{"ada", "bob", "eve"}]


async def test_a_start_can_be_cancelled(db: Any) -> None:
    cleaned = []

    async def start(self: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            add(db, "ada")
            cleaned.append(True)

    task = asyncio.create_task(run(db, start))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned
    assert stored(db) == {"ada"}
