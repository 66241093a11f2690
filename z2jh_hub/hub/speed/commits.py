"""Commit once where a start or a stop of a server commits several times without waiting.

Wraps `User.spawn` and `User.stop`. Both commit after each change, up to six times before they first
wait for something. Meanwhile nothing else runs in the hub, and nothing else reads its database, so
only the last of these commits can be observed: it still happens before anything else runs. When a
commit fails, the coroutine gets the error where it waits. What a hub that dies in between loses is
the whole step, where it lost the rest of it.

New objects get their ids and defaults as before, except those whose ids nothing in between uses.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from typing import Any

from .originals import Original

REPLACES = (
    Original("jupyterhub.user:User", "spawn", "7de3d5052bbd"),
    Original("jupyterhub.user:User", "stop", "7ef7dafe8a60"),
    Original("jupyterhub.orm:APIToken", "new", "85032d321043"),
    Original("jupyterhub.oauth.provider:JupyterHubOAuthServer", "add_client", "eb22037d2a25"),
)

WITHOUT_ID = frozenset({"APIToken", "OAuthClient"})


def install() -> None:
    """Wrap both methods."""
    from jupyterhub.user import User

    for method in (User.spawn, User.stop):
        setattr(User, method.__name__, merging_commits(method))


def merging_commits(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Return a method of a user that commits once between two waits."""

    @wraps(method)
    async def merged(self: Any, *args: Any, **options: Any) -> Any:
        return await _run(self.db, method(self, *args, **options))

    return merged


@types.coroutine
def _run(db: Any, coroutine: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run a coroutine, and commit what it changed whenever it waits or ends."""
    resume: Callable[[Any], Any] = coroutine.send
    value: Any = None
    while True:
        try:
            with _Postponed(db):
                waits_for = resume(value)
        except StopIteration as end:
            return end.value
        except Exception as error:
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED:
                raise
            resume, value = coroutine.throw, error  # of the commit: the coroutine has not ended
            continue
        try:
            resume, value = coroutine.send, (yield waits_for)
        except BaseException as error:
            resume, value = coroutine.throw, error


class _Postponed:
    """A context in which a session commits at the end, if it was to commit at all."""

    def __init__(self, db: Any) -> None:
        self._db, self._due = db, False

    def __enter__(self) -> None:
        # a start that fails stops its server: then this is not the only one
        self._outer = vars(self._db).get("commit")
        self._db.commit = self._postpone

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        del self._db.commit
        if self._outer is not None:
            self._db.commit = self._outer
        if not self._due:
            return
        try:
            self._db.commit()
        except Exception:
            if kind in (None, StopIteration):
                raise
            self._db.rollback()  # the error of the coroutine is the one to report

    def _postpone(self) -> None:
        self._due = True
        if any(type(each).__name__ not in WITHOUT_ID for each in self._db.new):
            self._db.flush()
