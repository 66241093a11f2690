"""Compare the version of the database without importing Alembic.

Replaces `check_db_revision`, for which JupyterHub imports Alembic with its templates and
highlighting: 12 MB and a tenth of the start. This lever compares the version in the database with
that of JupyterHub's newest migration, and records it in an empty database. In all other cases, the
original decides: it refuses an old database, and knows those of JupyterHub 0.7. Until then,
substitutes stand for Alembic's modules; using one imports the real module.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from .originals import Original

REPLACES = (Original("jupyterhub.orm", "check_db_revision", "fa4141153bd7"),)

MODULES = ("alembic", "alembic.command", "alembic.config", "alembic.script")
TABLE = "alembic_version"
_REVISION = re.compile(r"^(revision|down_revision)(?:: [^=]*)? = ['\"](\w+)['\"]", re.MULTILINE)


def prepare() -> None:
    """Put the substitutes in the place of modules that are not imported yet."""
    if find_spec("alembic") is None or any(name in sys.modules for name in MODULES):
        return
    for name in MODULES:
        sys.modules[name] = _Substitute(name)
    sys.modules["alembic"].__path__ = []
    sys.meta_path.insert(0, _Finder())
    sys.modules["alembic.script"].ScriptDirectory = _ScriptDirectory  # type: ignore[attr-defined]


class _Substitute(ModuleType):
    """A module that is imported when one of its names is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


class _Finder(MetaPathFinder, Loader):
    """Find the other modules of Alembic, while there are substitutes, by importing it."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        parent = sys.modules.get("alembic")
        if not name.startswith("alembic.") or not isinstance(parent, _Substitute):
            return None
        _real("alembic")
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return import_module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it is already imported."""


class _ScriptDirectory:
    """For `from alembic.script import ScriptDirectory`."""

    @staticmethod
    def from_config(config: Any) -> Any:
        return _real("alembic.script").ScriptDirectory.from_config(config)


def _real(name: str) -> ModuleType:
    """Import Alembic, and return one of its modules."""
    for each in MODULES:
        if isinstance(sys.modules.get(each), _Substitute):
            del sys.modules[each]
    for each in MODULES:
        import_module(each)
    return sys.modules[name]


def install() -> None:
    """Replace the function."""
    from jupyterhub import orm

    orm.check_db_revision = before(orm.check_db_revision)


def before(check: Any) -> Any:
    """Return a check that leaves to `check` what is not current."""

    def check_quickly(engine: Any) -> None:
        if not _is_current(engine):
            check(engine)

    return check_quickly


def _is_current(engine: Any) -> bool:
    """Return whether a database has the newest version; an empty one gets it."""
    from jupyterhub import orm
    from sqlalchemy import inspect, text

    newest = newest_revision()
    tables = set(inspect(engine).get_table_names())
    if newest is None:
        return False
    if TABLE in tables:
        with engine.begin() as connection:
            stored = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalars().all()
        return bool(stored == [newest])
    if tables.isdisjoint(orm.Base.metadata.tables):
        _record(engine, newest)
        return True
    return False


def _record(engine: Any, revision: str) -> None:
    """Record the version as Alembic does."""
    from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table

    key = PrimaryKeyConstraint("version_num", name=f"{TABLE}_pkc")
    table = Table(TABLE, MetaData(), Column("version_num", String(32), nullable=False), key)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(version_num=revision))


def newest_revision() -> str | None:
    """Return the revision that no other of JupyterHub's follows; None unless there is just one."""
    import jupyterhub

    revisions: set[str] = set()
    followed: set[str] = set()
    for file in Path(jupyterhub.__file__).parent.glob("alembic/versions/*.py"):
        for kind, revision in _REVISION.findall(file.read_text("utf-8")):
            (revisions if kind == "revision" else followed).add(revision)
    newest = revisions - followed
    return newest.pop() if len(newest) == 1 else None
