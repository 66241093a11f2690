"""Record in the hub's database which names users had who were deleted or renamed.

`deleted_users` marks the homes of a deleted user at once. That is impossible while Kubernetes does
not answer, and JupyterHub does not call it for every deletion. The record is part of the
transaction that removes the name, so the next user of the name does not get the files.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jupyterhub import orm
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, event, inspect, select
from sqlalchemy.orm import object_session
from tornado.web import HTTPError

from .own_tables import ensure
from .usage import now

FORMER = Table(
    "z2jh_former_users",
    MetaData(),
    Column("name", String(255), primary_key=True),
    Column("until", DateTime, nullable=False),
    # of a renamed user, who may get the name back; a deleted user's id may be used again
    Column("user_id", Integer, nullable=True),
)


def install() -> None:
    """Record each user who is deleted or renamed in this process.

    A user with a running server is not renamed.
    """
    for name, listener in (("before_delete", _on_delete), ("before_update", _on_update)):
        if not event.contains(orm.User, name, listener):
            event.listen(orm.User, name, listener)
    if not event.contains(orm.User.name, "set", _on_rename):
        event.listen(orm.User.name, "set", _on_rename, active_history=True)


def until(db: Any, name: str) -> datetime | None:
    """Return when another user had this name for the last time; None if nobody had."""
    ensure(db, FORMER)
    at: datetime | None = db.scalar(select(FORMER.c.until).where(FORMER.c.name == name))
    return at


def forget(db: Any, name: str) -> None:
    """Remove the record of a name, once the homes of its former user are marked."""
    db.execute(FORMER.delete().where(FORMER.c.name == name))
    db.commit()


def _on_delete(_: Any, connection: Any, user: orm.User) -> None:
    _record(connection, user.name, None)
    same_id = FORMER.c.user_id == user.id
    connection.execute(FORMER.update().where(same_id).values(user_id=None))


def _on_update(_: Any, connection: Any, user: orm.User) -> None:
    for name in inspect(user).attrs.name.history.deleted or ():
        _record(connection, name, user.id)
        back = (FORMER.c.name == user.name) & (FORMER.c.user_id == user.id)
        connection.execute(FORMER.delete().where(back))


def _on_rename(user: orm.User, name: str, before: Any, _: Any) -> None:
    """Raise HTTPError if a server of a user who is being renamed has not stopped.

    Its pod names the user, so the hub would regard it as another user's: the server would count as
    stopped, while its pod runs on. Refused before the database session is involved.
    """
    db = object_session(user)
    if db is None or not isinstance(before, str) or before == name:
        return
    running = select(orm.Spawner.id).where(
        orm.Spawner.user_id == user.id, orm.Spawner.server_id.is_not(None)
    )
    with db.no_autoflush:
        if db.execute(running).first():
            message = f"{before} has a running server; stop all servers of a user before renaming"
            raise HTTPError(409, message)


def _record(connection: Any, name: str, user_id: int | None) -> None:
    _ensure(connection)
    connection.execute(FORMER.delete().where(FORMER.c.name == name))
    at = now().replace(microsecond=0)  # MySQL does not store them
    connection.execute(FORMER.insert().values(name=name, until=at, user_id=user_id))


def _ensure(connection: Any) -> None:
    FORMER.create(connection, checkfirst=True)
