"""Record how long starts take, to tell users how long a start of a profile usually takes."""

from __future__ import annotations

import time
from collections import Counter, deque
from statistics import median
from typing import Any

from prometheus_client import Gauge
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, delete, select

from .own_tables import ensure
from .profiles import GroupedProfiles
from .start_failures import ReadableFailures

KEPT = 50  # starts of each profile
ENOUGH = 3  # starts before which nothing is usual

STARTS = Table(
    "z2jh_starts",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("profile", String(255), nullable=False, index=True),
    Column("seconds", Float, nullable=False),
)
USUAL = Gauge(
    "z2jh_usual_start_seconds", "Median duration of the last starts of a profile", ["profile"]
)


class Durations:
    """The last durations of each profile: in memory for this hub, in the database for the next."""

    def __init__(self, db: Any) -> None:
        ensure(db, STARTS)
        self._db = db
        self._newest: dict[str, deque[float]] = {}
        self._unpruned: Counter[str] = Counter()

    def of(self, profile: str) -> deque[float]:
        """Return the seconds that the last starts of a profile took, the newest last."""
        profile = profile[:255]
        if profile not in self._newest:
            query = select(STARTS.c.seconds).where(STARTS.c.profile == profile)
            rows = self._db.execute(query.order_by(STARTS.c.id.desc()).limit(KEPT)).all()
            self._newest[profile] = deque((row.seconds for row in reversed(rows)), maxlen=KEPT)
        return self._newest[profile]

    def add(self, profile: str, seconds: float) -> None:
        """Add a start. The session's next commit stores it; a start that succeeds commits."""
        profile = profile[:255]
        self.of(profile).append(seconds)
        self._db.execute(STARTS.insert().values(profile=profile, seconds=seconds))
        self._unpruned[profile] += 1
        if self._unpruned[profile] >= KEPT:
            self._prune(profile)

    def _prune(self, profile: str) -> None:
        of_profile = STARTS.c.profile == profile
        newest = select(STARTS.c.id).where(of_profile).order_by(STARTS.c.id.desc()).limit(KEPT)
        oldest = min(row.id for row in self._db.execute(newest))
        self._db.execute(delete(STARTS).where(of_profile & (STARTS.c.id < oldest)))
        del self._unpruned[profile]


def durations(db: Any) -> Durations:
    """Return the durations that a session has recorded."""
    known: Durations | None = db.info.get(Durations)
    if known is None:
        known = db.info[Durations] = Durations(db)
    return known


def record(db: Any, profile: str, seconds: float) -> None:
    """Record a start of a profile that succeeded, and forget the oldest from time to time."""
    durations(db).add(profile, seconds)
    if (usual_seconds := usual(db, profile)) is not None:
        USUAL.labels(profile).set(usual_seconds)


def usual(db: Any, profile: str) -> float | None:
    """Return the median seconds of the last starts of a profile; None if there were too few."""
    known = durations(db).of(profile)
    return median(known) if len(known) >= ENOUGH else None


def export(db: Any) -> None:
    """Export what is usual, as recorded before this hub started."""
    ensure(db, STARTS)
    for row in db.execute(select(STARTS.c.profile).distinct()).all():
        if (seconds := usual(db, row.profile)) is not None:
            USUAL.labels(row.profile).set(seconds)


class RecordedStarts(GroupedProfiles, ReadableFailures):
    """A KubeSpawner that records how long its starts take."""

    async def _follow(self, starting: Any) -> Any:
        began = time.monotonic()
        url = await super()._follow(starting)
        try:
            record(self.user.db, self.profile_slug, time.monotonic() - began)
        except Exception:
            self.user.db.rollback()
            self.log.warning("The duration of a start was not recorded", exc_info=True)
        return url

    @property
    def usual_start_seconds(self) -> int:
        """Seconds that a start of this server's profile usually takes; 0 if that is unknown."""
        known = usual(self.user.db, self.profile_slug)
        return 0 if known is None else max(1, round(known))
