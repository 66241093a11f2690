"""Record the failed starts of the last day, for the page of administrators.

Only the last `KEPT` are recorded, so that a user who repeats a failing start fills neither the
database nor the page. A restart of the hub keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jupyterhub import orm
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, delete, func, or_, select

from ..masking import without_secrets
from .own_tables import ensure
from .usage import now
from .user_options import clip

KEPT = 1000  # failed starts
PERIOD = timedelta(days=1)
DETAIL = 300  # characters of what Kubernetes or the hub reported

FAILED_STARTS = Table(
    "z2jh_failed_starts",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("server", String(255), nullable=False),
    Column("profile", String(255), nullable=False),
    Column("cause", String(255), nullable=False),
    Column("detail", String(500), nullable=False),
)


@dataclass(frozen=True)
class FailedStart:
    """A start that failed.

    id       a number that grows with each failed start
    at       when it failed, in UTC without a time zone
    user     name of the user
    server   name of the server; empty for the default server
    profile  slug of the requested profile, if there is one
    cause    id of the cause, as in `failures.catalogue`; or `error` or `timeout`
    detail   what Kubernetes or the hub reported, without secrets
    """

    id: int
    at: datetime
    user: str
    server: str
    profile: str
    cause: str
    detail: str


@dataclass
class Failures:
    """The failed starts with the same cause, the last one first."""

    cause: str
    starts: list[FailedStart] = field(default_factory=list)

    @property
    def users(self) -> list[str]:
        """The names of the users whose starts failed."""
        return list(dict.fromkeys(start.user for start in self.starts))


def record(db: Any, spawner: Any, error: Any) -> None:
    """Record that the start of `spawner` failed with a SpawnException; forget the oldest."""
    ensure(db, FAILED_STARTS)
    row = {
        "at": now().replace(microsecond=0),  # MySQL does not store them
        "user_id": spawner.user.id,
        "server": spawner.name or "",
        "profile": clip(str((spawner.user_options or {}).get("profile") or "")),
        "cause": clip(str(error.reason or "error")),
        "detail": clip(without_secrets(_detail(error)), DETAIL),
    }
    newest = db.execute(FAILED_STARTS.insert().values(**row)).inserted_primary_key[0]
    old = or_(FAILED_STARTS.c.at < row["at"] - PERIOD, FAILED_STARTS.c.id <= newest - KEPT)
    db.execute(delete(FAILED_STARTS).where(old))
    db.commit()


def _detail(error: Any) -> str:
    """Return what is known about a failure beyond its cause."""
    if diagnosis := getattr(error, "diagnosis", None):
        return f"{diagnosis.fact.reason}: {diagnosis.fact.message}".strip(": ")
    return str(error.log_message or error.message or "")


def last_day(db: Any) -> list[FailedStart]:
    """Return the failed starts of the last day, the last one first."""
    ensure(db, FAILED_STARTS)
    columns = [each for each in FAILED_STARTS.c if each.name != "user_id"]
    query = (
        select(orm.User.name.label("user"), *columns)
        .join(orm.User, orm.User.id == FAILED_STARTS.c.user_id)
        .where(FAILED_STARTS.c.at > now() - PERIOD)
        .order_by(FAILED_STARTS.c.id.desc())
    )
    return [FailedStart(**row._mapping) for row in db.execute(query)]


def newest_id(db: Any) -> int:
    """Return the id of the last failed start; 0 if there is none."""
    ensure(db, FAILED_STARTS)
    return int(db.execute(select(func.max(FAILED_STARTS.c.id))).scalar() or 0)


def by_cause(starts: Iterable[FailedStart]) -> list[Failures]:
    """Return failed starts by their cause, the most frequent cause first."""
    causes: dict[str, Failures] = {}
    for start in starts:
        causes.setdefault(start.cause, Failures(start.cause)).starts.append(start)
    return sorted(causes.values(), key=lambda each: -len(each.starts))
