"""Log why the hub's database cannot be used; JupyterHub says only that it cannot."""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any

from jupyterhub import orm
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)


def install() -> None:
    """Have the error of a failed first connection logged before JupyterHub exits."""
    connect = orm.new_session_factory

    @wraps(connect)
    def logged(*args: Any, **more: Any) -> Any:
        try:
            return connect(*args, **more)
        except OperationalError as error:
            log.error("The database of hub.db cannot be used: %s", reason(error))
            raise

    orm.new_session_factory = logged


def reason(error: OperationalError) -> str:
    """Return what the database's driver says, in one line, without statement and parameters."""
    return " ".join(str(error.orig).split())
