"""The real JupyterHub application, without its configuration file, its database and its servers."""

from __future__ import annotations

import asyncio
import logging
from copy import deepcopy
from typing import Any

from jupyterhub import orm, scopes
from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from traitlets import default
from traitlets.config import Config

from .blame import Parts

# of a login provider; some are put together from other traits at the first login
LOGIN_URLS = ("authorize_url", "token_url", "userdata_url")
_OTHER = {"db_url": "sqlite:///:memory:", "db_kwargs": {}, "upgrade_db": False}


class TrialHub(JupyterHub):  # type: ignore[misc]
    """The application, without its configuration file, its database and its servers."""

    given: Config
    parts: Parts
    last_error: _LastError

    @default("classes")
    def _no_classes(self) -> list[type]:
        return []  # only the command line lists all of them, and loading them takes long

    def load_config_file(self, *_: Any, **__: Any) -> None:
        self.update_config(self.given)
        for trait, value in self.parts.values.items():
            setattr(self, trait, value)
        self.update_config(Config({"JupyterHub": _OTHER}))

    def init_logging(self) -> None:
        super().init_logging()
        self.last_error = _LastError()
        self.log.addHandler(self.last_error)

    def init_db(self) -> None:
        super().init_db()
        # a start that creates a group for the role `admin` fails, but the next one succeeds
        for role in self.load_roles:
            groups = role.get("groups")
            for name in groups if isinstance(groups, (list, set)) else ():
                if isinstance(name, str) and orm.Group.find(self.db, name) is None:
                    self.db.add(orm.Group(name=name))
        self.db.commit()

    def write_pid_file(self) -> None:
        return

    async def init_spawners(self) -> int:
        return 0


TrialHub.__name__ = JupyterHub.__name__  # in messages


class _LastError(logging.Handler):
    """Remember the last logged error, which explains why the application exits."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.message = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.message = record.getMessage()


def start(config: Config, parts: Parts) -> tuple[TrialHub, BaseException | None]:
    """Start an application with `config` and `parts`; return it with the error that stops it."""
    scope_definitions = deepcopy(scopes.scope_definitions)
    TrialHub.clear_instance()
    CryptKeeper.clear_instance()
    orm.check_db_revision = lambda engine: None  # the database is new
    app = TrialHub.instance()
    app.given, app.parts = config, parts
    try:
        asyncio.run(app.initialize([]))
        for url in LOGIN_URLS:
            getattr(app.authenticator, url, None)
    except (Exception, SystemExit) as error:
        return app, _explained(error, app)
    finally:
        scopes.scope_definitions.clear()
        scopes.scope_definitions.update(scope_definitions)
    return app, None


def _explained(error: BaseException, app: TrialHub) -> BaseException:
    """Return the error because of which the application exits."""
    if not isinstance(error, SystemExit):
        return error
    if isinstance(error.code, str):
        return RuntimeError(error.code).with_traceback(error.__traceback__)
    if isinstance(error.__context__, Exception):
        return error.__context__
    message = app.last_error.message if hasattr(app, "last_error") else ""
    return RuntimeError(message or "JupyterHub exits").with_traceback(error.__traceback__)
