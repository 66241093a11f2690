"""Read the users of all running servers at once when a hub starts.

Wraps `JupyterHub.init_spawners`. It asks for these users with one query, but nothing keeps them:
when their servers are read again, SQLAlchemy forgets whose they are. The hub then asks for each
user, with roles, groups, shares and servers, in five queries. This lever reads them before, and
keeps them meanwhile. What is read is the same, and nothing is written.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from .originals import Original

REPLACES = (Original("jupyterhub.app:JupyterHub", "init_spawners", "9763e8141ea1"),)


def install() -> None:
    """Wrap the method."""
    from jupyterhub.app import JupyterHub

    JupyterHub.init_spawners = keeping_users(JupyterHub.init_spawners)


def keeping_users(init_spawners: Any) -> Any:
    """Return an `init_spawners` that finds the users in memory."""

    @wraps(init_spawners)
    async def initialized(self: Any) -> Any:
        users = users_with_servers(self.db)
        try:
            return await init_spawners(self)
        finally:
            users.clear()

    return initialized


def users_with_servers(db: Any) -> list[Any]:
    """Return the users who have a running server, with all their servers."""
    from jupyterhub import orm
    from sqlalchemy.orm import selectinload

    running = orm.User._orm_spawners.any(orm.Spawner.server_id.is_not(None))
    query = db.query(orm.User).filter(running).options(selectinload(orm.User._orm_spawners))
    users: list[Any] = query.all()
    return users
