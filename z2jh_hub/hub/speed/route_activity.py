"""Read the users of all routes with one query.

Replaces `JupyterHub.update_last_activity`, which asks the database for each user whose server has a
route, and for that user's servers, once a minute. Here, one query reads the users and their
servers; what is then written is the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .originals import Original

REPLACES = (Original("jupyterhub.app:JupyterHub", "update_last_activity", "74d2b464bc2e"),)

AT_ONCE = 500  # users in one query; databases limit the number of parameters


def install() -> None:
    """Replace the method."""
    from jupyterhub.app import JupyterHub

    JupyterHub.update_last_activity = update


async def update(self: Any) -> None:
    """Update the last activity of users and servers from the proxy, then compare the routes."""
    from sqlalchemy.exc import SQLAlchemyError

    routes = await self.proxy.get_all_routes()
    of_servers = [
        route for route in routes.values() if {"user", "server_name"} <= route["data"].keys()
    ]
    with_time = [route for route in of_servers if "last_activity" in route["data"]]
    users = _users(self.db, {route["data"]["user"] for route in with_time})
    for route in with_time:
        data = route["data"]
        user = users.get(data["user"])
        if user is None:
            self.log.warning("Found no user for route: %s", route)
            continue
        spawner = user.orm_spawners.get(data["server_name"])
        if spawner is None:
            self.log.warning("Found no spawner for route: %s", route)
            continue
        at = _utc(data["last_activity"])
        for each in (user, spawner):
            if each.last_activity is None or each.last_activity < at:
                each.last_activity = at
    try:
        self.db.commit()
    except SQLAlchemyError:
        self.log.exception("Rolling back session due to database error")
        self.db.rollback()
        return
    await self.proxy.check_routes(self.users, self._service_map, routes)


def _users(db: Any, names: set[str]) -> dict[str, Any]:
    """Return users by name, with their servers."""
    from jupyterhub import orm
    from sqlalchemy.orm import selectinload

    ordered, users = sorted(names), {}
    for first in range(0, len(ordered), AT_ONCE):
        query = db.query(orm.User).options(selectinload(orm.User._orm_spawners))
        for user in query.filter(orm.User.name.in_(ordered[first : first + AT_ONCE])):
            users[user.name] = user
    return users


def _utc(text: str) -> datetime:
    """Return a time as JupyterHub stores it: UTC, without a time zone."""
    from jupyterhub.app import parse_date

    at: datetime = parse_date(text)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
