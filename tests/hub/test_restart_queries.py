"""The lever `restart`: the number of queries of a starting hub does not grow with its servers."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy import event

from z2jh_hub.hub.speed import restart


class Users(dict[str, Any]):
    """The users of a hub, whose servers turn out to have stopped."""

    def __getitem__(self, row: Any) -> Any:
        spawners = {
            name: SimpleNamespace(name=name, server=None, _log_name=name, _check_pending=False)
            for name in row.orm_spawners
        }
        user = self.setdefault(row.name, SimpleNamespace(name=row.name, spawners=spawners))
        user.groups = [group.name for group in row.groups]
        return user

    @staticmethod
    def count_active_users() -> dict[str, int]:
        return {"active": 0}


def database(file: Path, count: int) -> str:
    url = f"sqlite:///{file}"
    db = orm.new_session_factory(url)()
    db.add(group := orm.Group(name="staff"))
    for number in range(count):
        user = orm.User(name=f"user-{number}")
        user.groups = [group]
        running = orm.Spawner(user=user, name="", server=orm.Server())
        db.add_all([user, running, orm.Spawner(user=user, name="stopped")])
    db.add(orm.User(name="nobody"))
    db.commit()
    db.close()
    return url


async def read(init_spawners: Any, file: Path, count: int) -> tuple[Users, int]:
    """Return the users that a starting hub reads, and the number of queries."""
    db = orm.new_session_factory(database(file, count))()
    statements: list[str] = []
    event.listen(db.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    users = Users()
    hub = SimpleNamespace(db=db, users=users, log=logging.getLogger("hub"), log_level=logging.INFO)
    assert await init_spawners(hub) == count
    db.close()
    return users, len(statements)


async def test_queries_do_not_grow_with_the_servers(tmp_path: Path) -> None:
    wrapped = restart.keeping_users(JupyterHub.init_spawners)
    few = await read(wrapped, tmp_path / "few.sqlite", 2)
    many = await read(wrapped, tmp_path / "many.sqlite", 40)
    assert many[1] == few[1]


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_the_same_users_are_read(tmp_path: Path, count: int) -> None:
    wrapped = restart.keeping_users(JupyterHub.init_spawners)
    users, _ = await read(wrapped, tmp_path / "ours.sqlite", count)
    plain, _ = await read(JupyterHub.init_spawners, tmp_path / "plain.sqlite", count)
    assert users == plain
    assert len(users) == count
