"""The hub's database: backed up, checked, upgraded, restored; SQLite, in a real hub's mounts."""

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
    """The hub's folder, with the database of JupyterHub 5.5 and the mounts of a hub."""
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
    """`z2jh db`, run where the hub would be."""
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


def test_the_database_of_jupyterhub_5_5_is_upgraded_after_a_backup(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    assert "z2jh db upgrade" in db("verify", code=1).stderr
    db("upgrade")
    assert users(live) == ["ada", "grace"]
    assert version(live) != OLD_VERSION
    assert "the schema is" in db("verify").stdout
    (kept,) = backups.listed(place / "backups")
    assert (version(kept), users(kept)) == (OLD_VERSION, ["ada", "grace"])
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # and only once
    assert db("upgrade").stdout == "nothing to upgrade\n"
    assert backups.listed(place / "backups") == [kept]


def test_jupyterhub_itself_is_content_with_the_upgrade(place: Path, db: Run) -> None:
    from jupyterhub import orm
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{place}/jupyterhub.sqlite")
    with pytest.raises(orm.DatabaseSchemaMismatch):
        orm.check_db_revision(engine)
    db("upgrade")
    orm.check_db_revision(engine)
    engine.dispose()


def test_restore_goes_back(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("upgrade")
    ask(live, "DELETE FROM users WHERE name = 'ada'")
    said = db("restore").stdout
    assert (version(live), users(live)) == (OLD_VERSION, ["ada", "grace"])
    # what was there before has been kept, too
    newest = backups.listed(place / "backups")[0]
    assert users(newest) == ["grace"]
    assert str(newest.name) in said
    db("restore", newest.name)
    assert users(live) == ["grace"]


def test_the_way_back_is_the_backup_from_before_the_upgrade(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    assert "never upgraded" in db("restore", "before-upgrade", code=1).stderr
    db("upgrade")
    # later backups push it out neither of its place nor of the folder
    for _ in range(3):
        db("backup", "--keep", "1")
    for _ in range(2):  # a second time is as good as one
        db("restore", "before-upgrade")
        assert (version(live), users(live)) == (OLD_VERSION, ["ada", "grace"])
    # a database of the future, which somebody went back from, is not the way back
    future = backups.listed(place / "backups")[0]
    future.rename(future.with_name("jupyterhub-29991231T000000000Z-fromthefuture.sqlite"))
    db("restore", "before-upgrade")
    assert version(live) == OLD_VERSION


def test_the_way_back_needs_no_configuration_and_no_database(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("upgrade")
    (place.parent / "mounts" / "secret" / "values.yaml").unlink()
    live.unlink()
    db("restore", "before-upgrade", "--sqlite", "jupyterhub.sqlite")
    assert version(live) == OLD_VERSION


def test_a_hub_that_is_connected_sees_all_of_it_or_nothing(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    db("backup")
    with closing(sqlite3.connect(live)) as hub:
        hub.execute("DELETE FROM users")
        hub.commit()
        db("restore")
        assert hub.execute("SELECT count(*) FROM users").fetchone() == (2,)


def test_a_backup_leaves_out_what_is_not_committed(place: Path, db: Run) -> None:
    with closing(sqlite3.connect(place / "jupyterhub.sqlite")) as hub:
        hub.execute("PRAGMA journal_mode = WAL")
        hub.execute("INSERT INTO groups (name) VALUES ('committed')")
        hub.commit()
        hub.execute("INSERT INTO groups (name) VALUES ('not yet')")
        db("backup")
    (kept,) = backups.listed(place / "backups")
    groups = [row[0] for row in ask(kept, "SELECT name FROM groups")]
    assert "committed" in groups
    assert "not yet" not in groups


def test_a_downgrade_is_refused(place: Path, db: Run) -> None:
    live = place / "jupyterhub.sqlite"
    ask(live, "UPDATE alembic_version SET version_num = 'fromthefuture'")
    before = live.read_bytes()
    assert "fromthefuture, which a newer JupyterHub made" in db("upgrade", code=1).stderr
    assert "newer JupyterHub" in db("verify", code=1).stderr
    assert live.read_bytes() == before
    assert not (place / "backups").exists()


def test_only_the_newest_are_kept(place: Path, db: Run) -> None:
    made = [Path(db("backup", "--keep", "2").stdout.strip()).name for _ in range(3)]
    assert [file.name for file in backups.listed(place / "backups")] == [made[2], made[1]]


def test_another_file_in_the_folder_stays(place: Path, db: Run) -> None:
    (place / "backups").mkdir()
    mine = place / "backups" / "jupyterhub.sqlite.mine"
    mine.write_text("")
    db("backup", "--keep", "1")
    db("backup", "--keep", "1")
    assert mine.exists()


def test_a_damaged_backup_is_told_and_not_restored(place: Path, db: Run) -> None:
    kept = place / db("backup").stdout.strip()
    content = bytearray(kept.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    kept.write_bytes(content)
    before = (place / "jupyterhub.sqlite").read_bytes()
    assert kept.name in db("restore", kept.name, code=1).stderr
    assert (place / "jupyterhub.sqlite").read_bytes() == before
    db("verify", code=1)


def test_what_is_not_there_is_told(db: Run) -> None:
    assert "there is no backup in backups" in db("restore", code=1).stderr
    assert "there is no backup x; in backups there are: none" in db("restore", "x", code=1).stderr


def test_a_new_hub_has_nothing_to_upgrade(place: Path, db: Run) -> None:
    (place / "jupyterhub.sqlite").unlink()
    assert db("upgrade").stdout == "nothing to upgrade\n"
    assert "nothing to back up" in db("backup", code=1).stderr
    assert db("verify").stdout == "there is no database yet\n"


def test_a_snippet_may_name_the_database(place: Path, db: Run) -> None:
    other = place / "other.sqlite"
    (place / "jupyterhub.sqlite").rename(other)
    values = place.parent / "mounts" / "secret" / "values.yaml"
    snippet = f'c.JupyterHub.db_url = "sqlite:///{other}"'
    values.write_text(f"hub: {{db: {{type: other}}, extraConfig: {{db: '{snippet}'}}}}\n")
    db("upgrade")
    assert version(other) != OLD_VERSION


def test_before_the_hub_starts_no_configuration_is_read(place: Path, db: Run) -> None:
    """A snippet would run twice, and one that fails would keep the hub from saying so."""
    (place.parent / "mounts" / "secret" / "values.yaml").unlink()
    db("upgrade", "--sqlite", "absent.sqlite")
    assert not (place / "absent.sqlite").exists()
    db("upgrade", "--sqlite", "jupyterhub.sqlite")
    assert version(place / "jupyterhub.sqlite") != OLD_VERSION


def test_a_wrong_configuration_is_told(place: Path, db: Run) -> None:
    (place.parent / "mounts" / "secret" / "values.yaml").write_text("hub: {db: {type: sqlit}}\n")
    assert "hub.db.type" in db("upgrade", code=1).stderr


def test_an_interrupted_backup_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(SQLite):
        def backup(self, file: Path) -> None:
            signal.raise_signal(signal.SIGTERM)

    from z2jh_hub.chores.running import Stopped, stoppable

    with pytest.raises(Stopped), stoppable():
        backups.make(Interrupted(tmp_path / "x"), tmp_path / "backups", "v", 5)
    assert list((tmp_path / "backups").iterdir()) == []


def test_no_password_is_shown() -> None:
    from sqlalchemy.engine import make_url

    from z2jh_hub.chores import ChoreError

    url = make_url("postgresql+psycopg2://hub:s3cret@127.0.0.1:1/hub")
    with pytest.raises(ChoreError, match="does not answer") as told:
        schema.read(url)
    assert "s3cret" not in str(told.value)
    with pytest.raises(ChoreError) as told:
        copier(url).backup(Path("/nonexistent/file"))
    assert "s3cret" not in str(told.value)
