"""Count only faults of the hub itself towards `consecutive_failure_limit`.

JupyterHub ends the hub after some starts in a row that raise anything but a SpawnException, since
a restart helps a hub whose connection to the database or whose file descriptors are gone. What
users send, servers that crash and hooks of the administrator raise as well, and no restart helps.
So `User.spawn`, through which every start goes, is replaced here: it lets errors through whose
causes are `counts`' and turns all others into SpawnExceptions.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from http import HTTPStatus
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.user import User
from jupyterhub.utils import AnyTimeoutError
from sqlalchemy import exc as database
from tornado.web import HTTPError
from traitlets import TraitError

from ..spawner import upstream, user_options

log = logging.getLogger(__name__)

# the database is gone or does not answer, as opposed to a value that it does not take
DATABASE = (
    database.InterfaceError,
    database.InternalError,
    database.OperationalError,
    database.PendingRollbackError,
    database.TimeoutError,
)
# the hub has no files, memory, threads or disk left
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EROFS})

# what a value that was typed instead of chosen makes of a trait, a template or a manifest
USERS = (AttributeError, LookupError, TraitError, TypeError, ValueError)

FAILED = "The server could not be started because of an error in this JupyterHub. Try again; if "
FAILED += "it happens again, tell its administrators when it did."
STOPPED = "The server stopped while it was starting. Try again; if it happens again, tell the "
STOPPED += "administrators of this JupyterHub."
TOO_SLOW = "The server did not start in time. Try again in a few minutes."
CANNOT_TYPE = "The server cannot be started with what was typed for {}."

_spawn = User.spawn
# the tasks in which servers start, by user and server, and why those that were ended had to
_tasks: dict[tuple[str, str], asyncio.Task[Any]] = {}
_reasons: dict[tuple[str, str], SpawnException] = {}


def install() -> None:
    """Make JupyterHub start servers through this module."""
    upstream.replace_user_spawn(spawn)


def counts(error: BaseException) -> bool:
    """Whether an error is a fault of the hub itself, which a restart may fix."""
    if isinstance(error, OSError):
        return error.errno in EXHAUSTED
    return isinstance(error, (*DATABASE, MemoryError))


async def spawn(
    self: User,
    server_name: str = "",
    display_name: str = "",
    options: Any = None,
    handler: Any = None,
) -> Any:
    """JupyterHub's `User.spawn`; raises SpawnException, or an error that `counts`."""
    if options is not None:
        user_options.check(options)
    task = asyncio.current_task()
    assert task is not None
    key = (self.name, server_name)
    _tasks[key] = task
    try:
        return await _spawn(self, server_name, display_name, options, handler)
    except asyncio.CancelledError:
        reason = _reasons.pop(key, None)
        if reason is None:
            raise
        task.uncancel()
        await self.stop(server_name)
        raise reason from None
    except Exception as error:
        if isinstance(error, database.SQLAlchemyError):
            self.db.rollback()
        if counts(error):
            raise
        raise refusal(error, self.spawners.get(server_name)) from error
    finally:
        _tasks.pop(key, None)


async def end(user: User, server_name: str, reason: SpawnException) -> None:
    """Stop a starting server and wait; its start fails with `reason`."""
    key = (user.name, server_name)
    await asyncio.sleep(0)  # a start that was asked for in this step of the loop begins
    if task := _tasks.get(key):
        _reasons[key] = reason
        task.cancel()
    if future := user.spawners[server_name]._spawn_future:
        await asyncio.wait([future])
    _reasons.pop(key, None)


def refusal(error: Exception, spawner: Any) -> SpawnException:
    """Return the SpawnException for an error that does not count."""
    if isinstance(error, SpawnException):
        return _readable(error)
    status, message = _answer(error, spawner)
    if isinstance(error, HTTPError):
        # with these, an administrator's hook explains itself
        status, message = error.status_code, error.get_message() or message
    refused = SpawnException(
        message, reason=getattr(error, "reason", None) or "error", status_code=status,
        log_message=f"{type(error).__name__}: {user_options.clip(str(error), 200)}",
    )  # fmt: skip
    for name in ("jupyterhub_message", "jupyterhub_html_message", "headers"):
        if hasattr(error, name):
            setattr(refused, name, getattr(error, name))
    return _readable(refused)


def _readable(refused: SpawnException) -> SpawnException:
    """Make JupyterHub show the message and the time on its pages, not the repr of the exception."""
    refused.failed_at = time.time()
    if not hasattr(refused, "jupyterhub_message"):
        refused.jupyterhub_message = refused.message
    return refused


def _answer(error: Exception, spawner: Any) -> tuple[int, str]:
    """Return the status and a message for users, for an unexpected error."""
    typed = getattr(spawner, "typed_choices", None)
    if typed and isinstance(error, USERS):
        return HTTPStatus.BAD_REQUEST, CANNOT_TYPE.format(user_options.clip(", ".join(typed)))
    if isinstance(error, AnyTimeoutError):
        return HTTPStatus.INTERNAL_SERVER_ERROR, TOO_SLOW
    if isinstance(error, OSError):
        return HTTPStatus.INTERNAL_SERVER_ERROR, STOPPED
    return HTTPStatus.INTERNAL_SERVER_ERROR, FAILED
