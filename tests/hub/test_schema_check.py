"""The lever `schemaCheck`: databases get and need the version that Alembic would say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterhub import orm
from sqlalchemy import create_engine, inspect, text

from z2jh_hub.hub.speed import schema_check


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    engine = create_engine(f"sqlite:///{tmp_path}/hub.sqlite")
    yield engine
    engine.dispose()


@pytest.fixture
def left_to_jupyterhub(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the databases that the quick check has left to the original, which then decides."""
    left: list[Any] = []
    original = orm.check_db_revision

    def check(engine: Any) -> None:
        left.append(engine)
        original(engine)

    monkeypatch.setattr(orm, "check_db_revision", schema_check.before(check))
    return left


def version(engine: Any) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def table(engine: Any) -> Any:
    """Return all that the database says of the table of the version."""
    database = inspect(engine)
    columns = database.get_columns("alembic_version")
    for column in columns:
        column["type"] = str(column["type"])
    return columns, database.get_pk_constraint("alembic_version")


def test_an_empty_database_gets_what_alembic_writes(
    engine: Any, tmp_path: Path, left_to_jupyterhub: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    orm.check_db_revision(engine)
    assert left_to_jupyterhub == []
    by_alembic = create_engine(f"sqlite:///{tmp_path}/by-alembic.sqlite")
    monkeypatch.undo()
    orm.check_db_revision(by_alembic)
    assert version(engine) == version(by_alembic)
    assert table(engine) == table(by_alembic)
    by_alembic.dispose()


def test_a_current_database_passes(engine: Any, left_to_jupyterhub: list[Any]) -> None:
    for _ in range(2):  # a first start, and a restart
        orm.new_session_factory(str(engine.url))().close()
    assert left_to_jupyterhub == []


@pytest.mark.parametrize("stored", ["651f5419b74d", "newer-than-this"])
def test_another_version_is_refused(
    engine: Any, left_to_jupyterhub: list[Any], stored: str
) -> None:
    orm.new_session_factory(str(engine.url))().close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": stored})
    with pytest.raises(orm.DatabaseSchemaMismatch, match=stored):
        orm.check_db_revision(engine)
    assert left_to_jupyterhub == [engine]


def test_a_database_without_a_version_is_left_to_jupyterhub(
    engine: Any, left_to_jupyterhub: list[Any]
) -> None:
    orm.Base.metadata.create_all(engine)
    orm.check_db_revision(engine)  # it guesses
    assert left_to_jupyterhub == [engine]


PROGRAM = """
import sys
sys.modules["rfc3987_syntax"] = None
from z2jh_hub.hub import speed
assert speed.pull("schemaCheck")
from jupyterhub import orm
orm.new_session_factory("sqlite:///hub.sqlite")().close()
assert "alembic.runtime.migration" not in sys.modules
{use}
assert "alembic.runtime.migration" in sys.modules
import alembic.script
assert alembic.script.ScriptDirectory.__module__ == "alembic.script.base"
"""


@pytest.mark.processes
@pytest.mark.parametrize(
    "use",
    [
        "from alembic import op; assert op.__name__ == 'alembic.op'",
        "import alembic.operations",
        "import alembic.config; alembic.config.Config()",
        "import alembic; alembic.command.stamp",
        "from alembic.runtime.migration import MigrationContext",
        "orm.alembic.config.Config(); orm.ScriptDirectory.from_config",
    ],
)
def test_alembic_is_there_for_those_who_use_it(use: str, tmp_path: Path) -> None:
    program = PROGRAM.format(use=use)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
