"""Count only errors of the hub itself towards `consecutive_failure_limit`.

JupyterHub exits after several consecutive starts that raise anything but a SpawnException, because
a restart helps a hub that has lost its database connection or has no file descriptors left.
Invalid input of users, crashing servers and hooks of the administrator also raise exceptions, but
a restart does not help then. This module therefore replaces `User.spawn`, which every start calls:
errors for which `counts` returns True propagate, and all others become SpawnExceptions.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from functools import wraps
from http import HTTPStatus
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.user import User
from jupyterhub.utils import AnyTimeoutError
from sqlalchemy import exc as database
from tornado.web import HTTPError
from traitlets import TraitError

from ..spawner import failed_starts, upstream, user_options

log = logging.getLogger(__name__)

# the database is unreachable, as opposed to errors about a value that it rejects
DATABASE = (
    database.InterfaceError,
    database.InternalError,
    database.OperationalError,
    database.PendingRollbackError,
    database.TimeoutError,
)
# the hub has no file descriptors, memory, threads or disk space left
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EROFS})

# errors that a typed value, instead of a selected one, causes in a trait, template or manifest
USERS = (AttributeError, LookupError, TraitError, TypeError, ValueError)

FAILED = "The server could not be started because of an error in this JupyterHub. Try again; if "
FAILED += "it happens again, contact its administrators and say when it happened."
STOPPED = "The server stopped while it was starting. Try again; if it happens again, contact the "
STOPPED += "administrators of this JupyterHub."
TOO_SLOW = "The server did not start in time. Try again in a few minutes."
CANNOT_TYPE = "The server cannot be started with the value entered for {}."

_spawn = User.spawn
# the tasks in which servers start, and the reasons for ending some of them, by user and server
_tasks: dict[tuple[str, str], asyncio.Task[Any]] = {}
_reasons: dict[tuple[str, str], SpawnException] = {}


def install() -> None:
    """Make JupyterHub start servers through this module."""
    upstream.replace_user_spawn(spawn)


def counts(error: BaseException) -> bool:
    """Return whether an error is one of the hub itself, which a restart may fix."""
    if isinstance(error, OSError):
        return error.errno in EXHAUSTED
    return isinstance(error, (*DATABASE, MemoryError))


@wraps(_spawn)
async def spawn(
    self: User,
    server_name: str = "",
    display_name: str = "",
    options: Any = None,
    handler: Any = None,
) -> Any:
    """Replace JupyterHub's `User.spawn`. Raises SpawnException, or an error that `counts`."""
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
        spawner = self.spawners.get(server_name)
        refused = refusal(error, spawner)
        _record(spawner, refused)
        raise refused from error
    finally:
        _tasks.pop(key, None)


def _record(spawner: Any, refused: SpawnException) -> None:
    """Record a start that failed, unless it was refused because of what the user requested."""
    if spawner is None or refused.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    db = spawner.user.db
    try:
        failed_starts.record(db, spawner, refused)
    except database.SQLAlchemyError:
        db.rollback()
        log.warning("A failed start was not recorded", exc_info=True)


async def end(user: User, server_name: str, reason: SpawnException) -> None:
    """Stop a starting server and wait; its start fails with `reason`."""
    key = (user.name, server_name)
    await asyncio.sleep(0)  # let a start begin that was scheduled in this step of the loop
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
        # an administrator's hook explains itself with these
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
