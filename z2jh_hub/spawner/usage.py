"""How long a user's servers ran, kept in the hub's own database.

One row for each time that a server ran, updated while it runs: what a hub that is killed
loses is at most `EVERY`. Only hubs with a quota of hours have the table.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, select, update

WEEK = timedelta(days=7)
EVERY = timedelta(minutes=5)

SESSIONS = Table(
    "z2jh_sessions",
    MetaData(),
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column("server", String(255), primary_key=True),
    Column("started", DateTime, primary_key=True),
    Column("seen", DateTime, nullable=False),
)


def now() -> datetime:
    """The time as JupyterHub's database has it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def record(db: Any, user_id: int, server: str, started: datetime, seen: datetime) -> None:
    """Say that a server which started at `started` was seen running at `seen`."""
    _ensure(db)
    started = started.replace(microsecond=0)  # MySQL keeps none
    row = (
        (SESSIONS.c.user_id == user_id)
        & (SESSIONS.c.server == server)
        & (SESSIONS.c.started == started)
    )
    if not db.execute(update(SESSIONS).where(row).values(seen=seen)).rowcount:
        values = {"user_id": user_id, "server": server, "started": started, "seen": seen}
        db.execute(SESSIONS.insert().values(**values))
    # what is older than any quota looks at
    db.execute(SESSIONS.delete().where(SESSIONS.c.seen < seen - 2 * WEEK))
    db.commit()


def hours(db: Any, user_id: int, at: datetime) -> float:
    """Hours that the servers of a user ran in the week before `at`, all added up."""
    return _hours(db, at, SESSIONS.c.user_id == user_id).get(user_id, 0.0)


def all_hours(db: Any, at: datetime) -> dict[int, float]:
    """The same of all users whose servers ran, by the user's id."""
    return _hours(db, at)


def _hours(db: Any, at: datetime, *whose: Any) -> dict[int, float]:
    _ensure(db)
    begin = at - WEEK
    query = select(SESSIONS.c.user_id, SESSIONS.c.started, SESSIONS.c.seen)
    found: dict[int, float] = {}
    for user_id, started, seen in db.execute(query.where(SESSIONS.c.seen > begin, *whose)):
        span = seen - max(started, begin)
        found[user_id] = found.get(user_id, 0.0) + span.total_seconds() / 3600
    return found


def _ensure(db: Any) -> None:
    SESSIONS.create(db.connection(), checkfirst=True)
