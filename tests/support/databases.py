"""Real PostgreSQL and MariaDB servers; tests skip where one is not installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .hubs import free_port

PASSWORD = "pa:ss/w$rd"
DEADLINE = 60  # seconds


def find_program(name: str) -> str:
    program = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    return program or pytest.skip(f"{name} is not installed")


def as_user(name: str) -> list[str]:
    """Return a command prefix, because database servers refuse to run as root."""
    return ["runuser", "-u", name, "--"] if os.geteuid() == 0 else []


def own(folder: Path, user: str) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, user)


def wait_for(answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while not answers():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


class Server:
    """A database server that runs in the `with` block, and that a test can stop and start.

    `url` is the URL of its database, without a password.
    """

    end = signal.SIGTERM

    def __init__(
        self, url: str, user: str, command: list[str], log: Path, answers: Callable[[], bool]
    ) -> None:
        self.url, self._command, self._log, self._answers = url, command, log, answers
        self._who = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command, stdout=out, stderr=out, cwd="/", **self._who
            )
        wait_for(self._answers, self._log)

    def stop(self) -> None:
        """Stop immediately, without waiting for open connections."""
        self._process.send_signal(self.end)
        self._process.wait(timeout=30)


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Create a folder with a short path (socket paths are limited) that other users can enter."""
    with tempfile.TemporaryDirectory(prefix="db-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def postgres(place: Path) -> Iterator[Server]:
    """Run a PostgreSQL server."""
    psycopg2 = pytest.importorskip("psycopg2")
    initdb, postgres = find_program("initdb"), find_program("postgres")
    data, password, port = place / "data", place / "password", free_port()
    password.write_text(PASSWORD)
    data.mkdir()
    own(data, "postgres")
    subprocess.run(
        [*as_user("postgres"), initdb, "-D", str(data), "-U", "hub", "--auth=scram-sha-256",
         f"--pwfile={password}", "--no-sync"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip

    def answers() -> bool:
        try:
            psycopg2.connect(host="127.0.0.1", port=port, user="hub", dbname="postgres",
                             password=PASSWORD).close()  # fmt: skip
        except psycopg2.OperationalError:
            return False
        return True

    command = [postgres, "-D", str(data), "-p", str(port),
               "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
               "-c", "fsync=off"]  # fmt: skip
    url = f"postgresql+psycopg2://hub@127.0.0.1:{port}/postgres"
    with Server(url, "postgres", command, place / "log", answers) as server:
        server.end = signal.SIGINT  # SIGTERM would wait for clients
        yield server


@pytest.fixture
def mariadb(place: Path) -> Iterator[Server]:
    """Run a MariaDB server."""
    pymysql = pytest.importorskip("pymysql")
    install, mariadbd = find_program("mariadb-install-db"), find_program("mariadbd")
    data, port = place / "data", free_port()
    data.mkdir()
    own(data, "mysql")
    subprocess.run(
        [*as_user("mysql"), install, "--no-defaults", f"--datadir={data}", "--skip-test-db"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip
    setup = place / "setup.sql"
    setup.write_text(
        "CREATE DATABASE hub CHARACTER SET utf8mb4;\n"
        f"CREATE USER 'hub'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON hub.* TO 'hub'@'%';\n"
    )

    def answers() -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="hub", password=PASSWORD,
                            database="hub").close()  # fmt: skip
        except pymysql.err.OperationalError:
            return False
        return True

    command = [mariadbd, "--no-defaults", f"--datadir={data}",
               f"--port={port}", "--bind-address=127.0.0.1", f"--socket={place}/socket",
               f"--init-file={setup}", f"--pid-file={data}/pid"]  # fmt: skip
    own(place, "mysql")
    url = f"mysql+pymysql://hub@127.0.0.1:{port}/hub"
    with Server(url, "mysql", command, place / "log", answers) as server:
        yield server
