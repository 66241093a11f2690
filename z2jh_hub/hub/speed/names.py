"""Find users and roles by name in memory, not in the database, on each request.

Replaces `User.find` and `Role.find`. SQLAlchemy's session has every user and role that was found
before, and a query for one returns that very object; it costs about a millisecond to learn which.
This lever remembers the object by its name and returns it while the session still has it,
unchanged and under this name. Otherwise the original asks the database: for an object that is
renamed, expired (after a rollback) or deleted, and while a deletion has not been written.
JupyterHub itself relies on being the only program that changes its database.

The hub's own OAuth client stays in memory too. Each start reads to whom it belongs: to nobody.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from .originals import Original

REPLACES = (
    Original("jupyterhub.orm:User", "find", "147203096294"),
    Original("jupyterhub.orm:Role", "find", "5f17177a8b08"),
)

CLIENT_OF_HUB = "jupyterhub"
KNOWN = "z2jh_objects_by_name"  # in the session's own dictionary


def install() -> None:
    """Replace both methods."""
    from jupyterhub import orm

    for cls in (orm.User, orm.Role):
        cls.find = classmethod(remembering(cls.find.__func__))


def remembering(find: Any) -> Any:
    """Return a class method `find` that asks the database only for objects that are not known."""

    def find_known(cls: Any, db: Any, name: str) -> Any:
        known = db.info.get(KNOWN)
        if known is None:
            known = db.info[KNOWN] = _follow(db)
        user_or_role = known.get((cls, name))
        if user_or_role is None or not is_current(user_or_role, db, "name", name):
            user_or_role = find(cls, db, name)
            if user_or_role is not None:
                known.add(user_or_role)
        return user_or_role

    return find_known


def is_current(row: Any, db: Any, attribute: str, value: str) -> bool:
    """Return whether a query for this value of an attribute would return this very object."""
    from sqlalchemy import inspect

    state = inspect(row)
    return bool(
        state.persistent
        and state.session is db
        and not state.expired
        and state.dict.get(attribute) == value
        and not db._deleted
    )


class Known(WeakValueDictionary[tuple[Any, str], Any]):
    """The users and roles of a session by class and name; only roles stay without other users."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Any] = {}

    def add(self, user_or_role: Any) -> None:
        """Remember a user or a role, unless it was read without its name."""
        name = vars(user_or_role).get("name")  # an attribute would be read from the database
        if name is None:
            return
        self[type(user_or_role), name] = user_or_role
        if type(user_or_role).__name__ == "Role":
            self._kept[name] = user_or_role

    def keep_client_of_hub(self, client: Any) -> None:
        """Keep the OAuth client to which the tokens of users and servers belong."""
        if vars(client).get("identifier") == CLIENT_OF_HUB:
            self._kept[CLIENT_OF_HUB] = client


def _follow(db: Any) -> Known:
    """Return what a session knows, and have it add what it reads and creates."""
    from jupyterhub import orm
    from sqlalchemy import event

    known = Known()

    def add(_session: Any, each: Any) -> None:
        if isinstance(each, orm.User | orm.Role):
            known.add(each)
        elif isinstance(each, orm.OAuthClient):
            known.keep_client_of_hub(each)

    for moment in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(db, moment, add)
    return known
