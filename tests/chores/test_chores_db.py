"""Back up, verify, upgrade and restore the hub's SQLite database, with a real hub's mounts."""

from __future__ import annotations

import signal
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from z2jh_hub.chores.db import backups, schema
from z2jh_hub.chores.db.database import copier
from z2jh_hub.chores.db.sqlite import SQLite
from z2jh_hub.cli import main

pytestmark = pytest.mark.processes

DUMP = Path(__file__).parent / "data" / "jupyterhub-5.5.sql"
OLD_VERSION = "4621fec11365"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's directory, with the database of JupyterHub 5.5 and the mounts of a hub."""
    secret = tmp_path / "mounts" / "secret"
    secret.mkdir(parents=True)
    (secret / "values.yaml").write_text("hub: {db: {type: sqlite-pvc}}\n")
    work = tmp_path / "work"
    work.mkdir()
    with closing(sqlite3.connect(work / "jupyterhub.sqlite")) as database:
        database.executescript(DUMP.read_text("utf-8"))
    monkeypatch.setenv("Z2JH_CONFIG_ROOT", str(tmp_path / "mounts"))
    return work


Run = Callable[..., Result]


@pytest.fixture
def db(place: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `z2jh db` in the hub's directory."""
    monkeypatch.chdir(place)

    def run(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, ["db", *arguments, "--folder", "backups"])
        assert done.exit_code == code, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return run


def ask(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as database:
        answer = database.execute(question).fetchall()
        database.commit()
    return answer


def users(file: Path) -> list[object]:
    return [row[0] for row in ask(file, "SELECT name FROM users ORDER BY id")]


def version(file: Path) -> object:
    return ask(file, "SELECT version_num FROM alembic_version")[0][0]


def test_database_of_jupyterhub_5_5_is_backed_up_and_upgraded(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    assert "z2jh db upgrade" in db("verify", code=1).stderr
    db("upgrade")
    assert users(live) == ["ada", "grace"]
    assert version(live) != OLD_VERSION
    assert "the schema is" in db("verify").stdout
    (saved,) = backups.listed(place / "backups")
    assert (version(saved), users(saved)) == (OLD_VERSION, ["ada", "grace"])
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    # a second upgrade does nothing
    assert db("upgrade").stdout == "nothing to upgrade\n"
    assert backups.listed(place / "backups") == [saved]


def test_jupyterhub_accepts_the_upgraded_database(place: Path, db: Run) -> None:
    from jupyterhub import orm
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{place}/jupyterhub.sqlite")
    with pytest.raises(orm.DatabaseSchemaMismatch):
        orm.check_db_revision(engine)
    db("upgrade")
    orm.check_db_revision(engine)
    engine.dispose()


def test_restore_replaces_the_database_and_backs_up_the_previous_one(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("upgrade")
    ask(live, "DELETE FROM users WHERE name = 'ada'")
    output = db("restore").stdout
    assert (version(live), users(live)) == (OLD_VERSION, ["ada", "grace"])
    # the database that was replaced is backed up as well
    newest = backups.listed(place / "backups")[0]
    assert users(newest) == ["grace"]
    assert str(newest.name) in output
    db("restore", newest.name)
    assert users(live) == ["grace"]


def test_before_upgrade_restores_the_backup_from_before_the_upgrade(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    assert (
        "no database of an older JupyterHub was upgraded"
        in db("restore", "before-upgrade", code=1).stderr
    )
    db("upgrade")
    # later backups neither take its place nor remove it
    for _ in range(3):
        db("backup", "--keep", "1")
    for _ in range(2):  # restoring twice has the same result
        db("restore", "before-upgrade")
        assert (version(live), users(live)) == (OLD_VERSION, ["ada", "grace"])
    # a backup with the schema of a newer JupyterHub is not selected
    future = backups.listed(place / "backups")[0]
    future.rename(future.with_name("jupyterhub-29991231T000000000Z-fromthefuture.sqlite"))
    db("restore", "before-upgrade")
    assert version(live) == OLD_VERSION


def test_before_upgrade_needs_neither_configuration_nor_database(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("upgrade")
    (place.parent / "mounts" / "secret" / "values.yaml").unlink()
    live.unlink()
    db("restore", "before-upgrade", "--sqlite", "jupyterhub.sqlite")
    assert version(live) == OLD_VERSION


def test_connected_hub_never_sees_a_partial_restore(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("backup")
    with closing(sqlite3.connect(live)) as hub:
        hub.execute("DELETE FROM users")
        hub.commit()
        db("restore")
        assert hub.execute("SELECT count(*) FROM users").fetchone() == (2,)


def test_backup_omits_uncommitted_rows(place: Path, db: Run) -> None:
    with closing(sqlite3.connect(place / "jupyterhub.sqlite")) as hub:
        hub.execute("PRAGMA journal_mode = WAL")
        hub.execute("INSERT INTO groups (name) VALUES ('committed')")
        hub.commit()
        hub.execute("INSERT INTO groups (name) VALUES ('not yet')")
        db("backup")
    (saved,) = backups.listed(place / "backups")
    groups = [row[0] for row in ask(saved, "SELECT name FROM groups")]
    assert "committed" in groups
    assert "not yet" not in groups


def test_a_downgrade_is_refused(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    ask(live, "UPDATE alembic_version SET version_num = 'fromthefuture'")
    before = live.read_bytes()
    assert "fromthefuture, from a newer JupyterHub" in db("upgrade", code=1).stderr
    assert "newer JupyterHub" in db("verify", code=1).stderr
    assert live.read_bytes() == before
    assert not (place / "backups").exists()


def test_only_the_newest_backups_are_kept(place: Path, db: Run) -> None:
    made = [Path(db("backup", "--keep", "2").stdout.strip()).name for _ in range(3)]
    assert [file.name for file in backups.listed(place / "backups")] == [made[2], made[1]]


def test_other_files_in_the_directory_are_unchanged(place: Path, db: Run) -> None:
    (place / "backups").mkdir()
    mine = place / "backups" / "jupyterhub.sqlite.mine"
    mine.write_text("")
    db("backup", "--keep", "1")
    db("backup", "--keep", "1")
    assert mine.exists()


def test_damaged_backup_is_reported_and_not_restored(place: Path, db: Run) -> None:
    saved = place / db("backup").stdout.strip()
    content = bytearray(saved.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    saved.write_bytes(content)
    before = (place / "jupyterhub.sqlite").read_bytes()
    assert saved.name in db("restore", saved.name, code=1).stderr
    assert (place / "jupyterhub.sqlite").read_bytes() == before
    db("verify", code=1)


def test_missing_backup_is_reported(db: Run) -> None:
    assert "there is no backup in backups" in db("restore", code=1).stderr
    assert "there is no backup x; backups in backups: none" in db("restore", "x", code=1).stderr


def test_a_new_hub_has_nothing_to_upgrade(place: Path, db: Run) -> None:
    (place / "jupyterhub.sqlite").unlink()
    assert db("upgrade").stdout == "nothing to upgrade\n"
    assert "nothing to back up" in db("backup", code=1).stderr
    assert db("verify").stdout == "there is no database yet\n"


def test_database_url_of_a_snippet_is_used(place: Path, db: Run) -> None:
    other = place / "other.sqlite"
    (place / "jupyterhub.sqlite").rename(other)
    values = place.parent / "mounts" / "secret" / "values.yaml"
    snippet = f'c.JupyterHub.db_url = "sqlite:///{other}"'
    values.write_text(f"hub: {{db: {{type: other}}, extraConfig: {{db: '{snippet}'}}}}\n")
    db("upgrade")
    assert version(other) != OLD_VERSION


def test_upgrade_with_sqlite_reads_no_configuration(place: Path, db: Run) -> None:
    """A snippet would run twice, and if it fails, the hub could not report it."""
    (place.parent / "mounts" / "secret" / "values.yaml").unlink()
    db("upgrade", "--sqlite", "absent.sqlite")
    assert not (place / "absent.sqlite").exists()
    db("upgrade", "--sqlite", "jupyterhub.sqlite")
    assert version(place / "jupyterhub.sqlite") != OLD_VERSION


def test_invalid_configuration_is_reported(place: Path, db: Run) -> None:
    (place.parent / "mounts" / "secret" / "values.yaml").write_text("hub: {db: {type: sqlit}}\n")
    assert "hub.db.type" in db("upgrade", code=1).stderr


def test_interrupted_backup_leaves_no_file(tmp_path: Path) -> None:
    class Interrupted(SQLite):
        def backup(self, file: Path) -> None:
            signal.raise_signal(signal.SIGTERM)

    from z2jh_hub.chores.running import Stopped, stoppable

    with pytest.raises(Stopped), stoppable():
        backups.make(Interrupted(tmp_path / "x"), tmp_path / "backups", "v", 5)
    assert list((tmp_path / "backups").iterdir()) == []


def test_errors_do_not_contain_the_password() -> None:
    from sqlalchemy.engine import make_url

    from z2jh_hub.chores import ChoreError

    url = make_url("postgresql+psycopg2://hub:s3cret@127.0.0.1:1/hub")
    with pytest.raises(ChoreError, match="does not answer") as error:
        schema.read(url)
    assert "s3cret" not in str(error.value)
    with pytest.raises(ChoreError) as error:
        copier(url).backup(Path("/nonexistent/file"))
    assert "s3cret" not in str(error.value)


def test_place_to_run_it_is_named_outside_the_hub_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Z2JH_CONFIG_ROOT", str(tmp_path))
    for words, option in ((["backup"], None), (["move", "--no-password", "sqlite://"], "--from")):
        result = CliRunner().invoke(main, ["db", *words])
        assert result.exit_code == 1
        assert "kubectl exec deployment/hub -- z2jh db" in result.output
        assert option is None or f"with {option}" in result.output
