"""Find the user of a log-in cookie in memory, not in the database, on each request of a browser.

Wraps `BaseHandler._user_for_cookie`. Its query for the id in the signed cookie also reads servers,
groups and roles of the user, which the hub has in memory: that is half the CPU of a page. This
lever remembers the user whom the original returned for an id, while the session still has the user
unchanged and with this id (see `names`). The original decides about all other cookies, and removes
those that are invalid.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from .names import is_current
from .originals import Original

REPLACES = (
    Original("jupyterhub.handlers.base:BaseHandler", "_user_for_cookie", "054fd5c186aa"),
    Original("jupyterhub.handlers.base:BaseHandler", "_record_activity", "1021cb3d858f"),
)

KNOWN = "z2jh_users_by_cookie"  # in the session's own dictionary


def install() -> None:
    """Wrap the method."""
    from jupyterhub.handlers.base import BaseHandler

    BaseHandler._user_for_cookie = remembering(BaseHandler._user_for_cookie)


def remembering(find: Any) -> Any:
    """Return a `_user_for_cookie` that asks the database only for users who are not known."""

    def user_for_cookie(self: Any, cookie_name: str, cookie_value: Any = None) -> Any:
        orm_user = _known(self, cookie_name, cookie_value)
        if orm_user is None:
            user = find(self, cookie_name, cookie_value)
            if user is not None:
                _users(self.db)[user.orm_user.cookie_id] = user.orm_user
            return user
        user = self.users[orm_user]
        if self._record_activity(user):
            self.db.commit()
        return user

    return user_for_cookie


def _users(db: Any) -> WeakValueDictionary[str, Any]:
    known: WeakValueDictionary[str, Any] = db.info.setdefault(KNOWN, WeakValueDictionary())
    return known


def _known(handler: Any, cookie_name: str, cookie_value: Any) -> Any:
    """Return the user of a cookie that is valid, if the hub has the user in memory."""
    content = handler.get_secure_cookie(
        cookie_name, cookie_value, max_age_days=handler.cookie_max_age_days
    )
    if content is None:
        return None
    cookie_id = content.decode("utf8", "replace")
    orm_user = _users(handler.db).get(cookie_id)
    if orm_user is None or not is_current(orm_user, handler.db, "cookie_id", cookie_id):
        return None
    return orm_user
