"""What the page of administrators shows about failed starts, servers that stopped and homes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyterhub import orm
from jupyterhub.scopes import Scope
from sqlalchemy import Text, literal_column, select

from ...config.quantities import parse, readable
from ...failures import Failure
from ...failures.catalogue import CATALOGUE
from ...spawner import failed_starts, home_sizes, stops
from ...spawner.failed_starts import FailedStart, Failures

# what an administrator needs, for all users, to see anything here
SCOPES = ("admin-ui", "list:users", "admin:servers")
LOOKED_AT = 500  # servers whose states are read: those that were active last
SHOWN = 50  # servers on the page
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True)
class Server:
    """A server that stopped, or whose home is known.

    user     name of its user
    title    the name under which the user knows it; empty for the default server
    running  whether it runs now
    stop     why and when it stopped last; empty if that is unknown
    home     the size of its home's claim; empty if that is unknown
    """

    user: str
    title: str
    running: bool
    stop: Mapping[str, Any]
    home: str


@dataclass(frozen=True)
class Report:
    """What the page shows: the failed starts of the last day, the last one first, and servers.

    `newest` is the id of the last failed start, whenever it was.
    """

    starts: Sequence[FailedStart]
    servers: Sequence[Server]
    newest: int

    @property
    def failures(self) -> Sequence[Failures]:
        """The failed starts by cause."""
        return failed_starts.by_cause(self.starts)


def may_see_report(parsed_scopes: Mapping[str, Any]) -> bool:
    """Return whether these scopes allow to see the servers of all users.

    Scopes that are limited to some users do not: the report is not filtered.
    """
    return all(parsed_scopes.get(scope) == Scope.ALL for scope in SCOPES)


def admin_report(db: Any, search: str = "") -> Report:
    """Return the failed starts of the last day, and the servers of users whose name matches."""
    starts = failed_starts.last_day(db)
    newest = starts[0].id if starts else failed_starts.newest_id(db)
    return Report(starts, servers(db, search), newest)


def servers(db: Any, search: str = "") -> list[Server]:
    """Return servers that stopped, the last one first, then others whose home is known.

    `search` is a part of the name of their user. JupyterHub updates the last activity of a server
    when it stops, so those that stopped last are among the ones that were active last.
    """
    server = orm.Spawner
    # as JupyterHub stores it; SQLAlchemy cannot cache queries with JupyterHub's type
    state = literal_column("spawners.state", Text)
    columns = (server.name, server.display_name, server.server_id, state.label("state"))
    query = (
        select(orm.User.name.label("user"), *columns)
        .join(orm.User, orm.User.id == server.user_id)
        .where(state.is_not(None), server.last_activity.is_not(None))
        .order_by(server.last_activity.desc())
    )
    if search:
        query = query.where(orm.User.name.contains(search, autoescape=True))
    known = [each for row in db.execute(query.limit(LOOKED_AT)) if (each := _known(row))]
    return sorted(known, key=lambda each: str(each.stop.get("at", "")), reverse=True)[:SHOWN]


def _known(row: Any) -> Server | None:
    """Return a server from the database; None if nothing is known about it."""
    state = json.loads(row.state) or {}
    stop = state.get(stops.STATE)
    home = size(state.get(home_sizes.STATE))
    if not stop and not home:
        return None
    title = str(row.display_name or row.name) if row.name else ""
    return Server(row.user, title, row.server_id is not None, stop or {}, home)


def size(quantity: Any) -> str:
    """Return a quantity of bytes in a binary unit, such as "10 GiB"; empty if it is invalid."""
    number = float(parse(quantity) or 0)
    return readable(number, UNITS, 4) if number else ""


def explanation(cause: str, user: Any) -> Failure | None:
    """Return a cause, with the changes that the administrator configured, if it is known.

    `user` is the one who sees the page; their spawner has the configuration.
    """
    catalogue = getattr(getattr(user, "spawner", None), "catalogue", CATALOGUE)
    return next((each for each in catalogue if each.id == cause), None)
