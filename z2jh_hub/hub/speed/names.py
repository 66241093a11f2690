"""Find users and roles by name in memory, not in the database, on each request.

Replaces `User.find` and `Role.find`. SQLAlchemy's session has every user and role that was found
before, and a query for one returns that very object; it costs about a millisecond to learn which.
This lever remembers the object by its name and returns it while the session still has it,
unchanged and under this name. Otherwise the original asks the database: for an object that is
renamed, expired (after a rollback) or deleted, and while a deletion has not been written.
JupyterHub itself relies on being the only program that changes its database.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from .originals import Original

REPLACES = (
    Original("jupyterhub.orm:User", "find", "147203096294"),
    Original("jupyterhub.orm:Role", "find", "5f17177a8b08"),
)

KNOWN = "z2jh_objects_by_name"  # in the session's own dictionary


def install() -> None:
    """Replace both methods."""
    from jupyterhub import orm

    for cls in (orm.User, orm.Role):
        cls.find = classmethod(remembering(cls.find.__func__))


def remembering(find: Any) -> Any:
    """Return a class method `find` that asks the database only for objects that are not known."""
    from sqlalchemy import inspect

    def is_current(found: Any, db: Any, name: str) -> bool:
        state = inspect(found)
        return bool(
            state.persistent
            and state.session is db
            and not state.expired
            and state.dict.get("name") == name
            and not db._deleted
        )

    def find_known(cls: Any, db: Any, name: str) -> Any:
        known = db.info.get(KNOWN)
        if known is None:
            known = db.info[KNOWN] = _follow(db)
        found = known.get((cls, name))
        if found is None or not is_current(found, db, name):
            found = find(cls, db, name)
            if found is not None:
                known.add(found)
        return found

    return find_known


class Known(WeakValueDictionary[tuple[Any, str], Any]):
    """The users and roles of a session by class and name; only roles stay without other users."""

    def __init__(self) -> None:
        super().__init__()
        self._roles: dict[str, Any] = {}

    def add(self, found: Any) -> None:
        """Remember a user or a role, unless it was read without its name."""
        name = vars(found).get("name")  # an attribute would be read from the database
        if name is None:
            return
        self[type(found), name] = found
        if type(found).__name__ == "Role":
            self._roles[name] = found


def _follow(db: Any) -> Known:
    """Return what a session knows, and have it add what it reads and creates."""
    from jupyterhub import orm
    from sqlalchemy import event

    known = Known()

    def add(_session: Any, each: Any) -> None:
        if isinstance(each, orm.User | orm.Role):
            known.add(each)

    for moment in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(db, moment, add)
    return known
