"""Record in the hub's database how long each user's servers ran.

There is one row for each run of a server, updated while it runs, so that a hub that is killed
loses at most `EVERY`. The table exists only in hubs with a quota of hours.
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
    """Return the current time as JupyterHub's database stores it: UTC, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def record(db: Any, user_id: int, server: str, started: datetime, at: datetime) -> None:
    """Record that a server that started at `started` was running at `at`."""
    _ensure(db)
    started = started.replace(microsecond=0)  # MySQL does not store them
    row = (
        (SESSIONS.c.user_id == user_id)
        & (SESSIONS.c.server == server)
        & (SESSIONS.c.started == started)
    )
    if not db.execute(update(SESSIONS).where(row).values(seen=at)).rowcount:
        values = {"user_id": user_id, "server": server, "started": started, "seen": at}
        db.execute(SESSIONS.insert().values(**values))
    # no quota looks back this far
    db.execute(SESSIONS.delete().where(SESSIONS.c.seen < at - 2 * WEEK))
    db.commit()


def hours(db: Any, user_id: int, at: datetime) -> float:
    """Return the total hours that a user's servers ran in the week before `at`."""
    return _hours(db, at, SESSIONS.c.user_id == user_id).get(user_id, 0.0)


def all_hours(db: Any, at: datetime) -> dict[int, float]:
    """Return the total hours in the week before `at` of every user, by the user's id."""
    return _hours(db, at)


def _hours(db: Any, at: datetime, *conditions: Any) -> dict[int, float]:
    _ensure(db)
    begin = at - WEEK
    query = select(SESSIONS.c.user_id, SESSIONS.c.started, SESSIONS.c.seen)
    totals: dict[int, float] = {}
    for user_id, started, seen_at in db.execute(query.where(SESSIONS.c.seen > begin, *conditions)):
        span = seen_at - max(started, begin)
        totals[user_id] = totals.get(user_id, 0.0) + span.total_seconds() / 3600
    return totals


def _ensure(db: Any) -> None:
    SESSIONS.create(db.connection(), checkfirst=True)
