"""Find users and roles by name in memory, not in the database, on each request.

Replaces `User.find` and `Role.find`. SQLAlchemy's session has every user and role that was found
before, and a query for one returns that very object; it only costs about a millisecond to
learn which. This lever remembers the object by its name and returns it while the session still
has it, unchanged and under this name. Otherwise the original asks the database: for an object that is
new, renamed, expired (after a rollback) or deleted, and while a deletion has not been written.
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
    """Return a class method `find` that asks the database only once for each object."""
    from sqlalchemy import inspect

    def is_current(found: Any, db: Any, name: str) -> bool:
        state = inspect(found)
        return (
            state.persistent
            and state.session is db
            and not state.expired
            and state.dict.get("name") == name
            and not db._deleted
        )

    def find_known(cls: Any, db: Any, name: str) -> Any:
        known = db.info.get(KNOWN)
        if known is None:
            known = db.info[KNOWN] = WeakValueDictionary()
        found = known.get((cls, name))
        if found is None or not is_current(found, db, name):
            found = find(cls, db, name)
            if found is not None:
                known[cls, name] = found
        return found

    return find_known
