"""A culler inside the hub stops and deletes what `jupyterhub_idle_culler` would."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jupyterhub_idle_culler
import pytest
from jupyterhub import orm

from z2jh_hub.hub.culling import in_hub, processes, record
from z2jh_hub.hub.culling.checks import Checks
from z2jh_hub.hub.culling.settings import Culler

NOW = datetime(2026, 11, 28, 12)
AGES = (None, 10, 100, 1000)  # seconds
CULLERS = [
    Culler(timeout=50),
    Culler(timeout=50, max_age=500),
    Culler(timeout=50, cull_named_servers=False),
    Culler(timeout=50, cull_default_servers=False, max_age=500),
    Culler(timeout=50, remove_named_servers=True),
    Culler(timeout=50, cull_users=True),
    Culler(timeout=50, cull_users=True, cull_admin_users=False),
    Culler(timeout=5000, cull_users=True, max_age=500),
]


def before(seconds: int | None) -> datetime | None:
    return None if seconds is None else NOW - timedelta(seconds=seconds)


class Spawner:
    def __init__(self, user: Any, name: str, started: int, last_activity: int | None) -> None:
        self.user, self.name, self.pending = user, name, None
        self.ready = self.active = True
        self.orm_spawner = SimpleNamespace(
            started=before(started), last_activity=before(last_activity)
        )


def users() -> list[Any]:
    """Return users with servers of all ages; one of them has no server."""
    made = []
    for number, (started, last_activity, admin, name) in enumerate(
        product((10, 100, 1000), AGES, (False, True), ("", "gpu"))
    ):
        if last_activity is None or last_activity <= started:
            user = SimpleNamespace(name=f"user-{number}", admin=admin, created=before(2000))
            user.spawners = {name: Spawner(user, name, started, last_activity)}
            user.last_activity = before(last_activity)
            made.append(user)
    away = SimpleNamespace(name="away", admin=False, created=before(2000), spawners={})
    away.last_activity = before(1500)
    return [*made, away]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    session = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    for user in users():
        session.add(
            orm.User(
                name=user.name, admin=user.admin, created=user.created,
                last_activity=user.last_activity,
            )
        )  # fmt: skip
    session.commit()
    yield session
    session.close()
    session.get_bind().dispose()


class Api:
    """The hub's API, which stops servers at once and lists the requests."""

    def __init__(self, hub_users: list[Any]) -> None:
        self.users = {user.name: user for user in hub_users}
        self.requests: list[tuple[str, str]] = []

    async def send(self, method: str, path: str, body: str | None) -> int:
        assert method == "DELETE"
        self.requests.append((path, body or ""))
        parts = path.split("/")
        if len(parts) > 2:
            server = self.users[parts[1]].spawners[parts[3] if parts[2] == "servers" else ""]
            server.ready = server.active = False
        return 204


async def inside(db: Any, culler: Culler) -> list[tuple[str, str]]:
    api = Api(users())
    hub: Any = SimpleNamespace(db=db, users=api.users, log=logging.getLogger("hub"))
    await Checks(hub, culler, api.send).check(NOW)
    return sorted(api.requests)


async def outside(culler: Culler, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the requests of the real culler for the same users."""
    requests = []

    class Client:
        @staticmethod
        def configure(*_: Any, **__: Any) -> None: ...

        async def fetch(self, request: Any) -> Any:
            path = request.url.removeprefix("http://hub/")
            if request.method == "DELETE":
                requests.append((path, (request.body or b"").decode()))
            answer: Any = {"version": "6.1.1"}
            if path.startswith("users?"):
                active = "state=ready" in path
                answer = [model(user) for user in users() if bool(user.spawners) is active]
            return SimpleNamespace(code=204, body=json.dumps(answer).encode())

    monkeypatch.setattr(jupyterhub_idle_culler, "AsyncHTTPClient", Client)
    monkeypatch.setattr(jupyterhub_idle_culler, "utcnow", lambda: NOW.replace(tzinfo=UTC))
    await jupyterhub_idle_culler.cull_idle(
        "http://hub", "token", culler.timeout, logging.getLogger("culler"), culler.cull_users,
        culler.remove_named_servers, culler.max_age, culler.concurrency,
        cull_admin_users=culler.cull_admin_users, cull_named_servers=culler.cull_named_servers,
        cull_default_servers=culler.cull_default_servers,
    )  # fmt: skip
    return sorted(requests)


def model(user: Any) -> dict[str, Any]:
    """Return a user as the API does."""
    return {
        "name": user.name,
        "admin": user.admin,
        "created": user.created.isoformat() + "Z",
        "last_activity": user.last_activity and user.last_activity.isoformat() + "Z",
        "servers": {
            name: {
                "name": name,
                "ready": True,
                "url": "/",
                "pending": None,
                "started": spawner.orm_spawner.started.isoformat() + "Z",
                "last_activity": spawner.orm_spawner.last_activity
                and spawner.orm_spawner.last_activity.isoformat() + "Z",
            }
            for name, spawner in user.spawners.items()
        },
    }


@pytest.mark.parametrize("culler", CULLERS)
async def test_it_sends_the_requests_of_the_real_culler(
    db: Any, culler: Culler, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = await inside(db, culler)
    assert requests == await outside(culler, monkeypatch)
    assert requests


async def test_servers_that_start_or_stop_are_left_alone(db: Any) -> None:
    api = Api(users())
    for user in api.users.values():
        for spawner in user.spawners.values():
            spawner.ready = False
    hub: Any = SimpleNamespace(db=db, users=api.users, log=logging.getLogger("hub"))
    await Checks(hub, Culler(timeout=50, cull_users=True), api.send).check(NOW)
    assert api.requests == [("users/away", "")]


async def test_so_many_stops_begin_at_the_same_time_and_one_error_stops_none(
    db: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(users())
    not_begun: set[str] = set()
    most = 0

    async def send(method: str, path: str, body: str | None) -> int:
        nonlocal most
        not_begun.add(path)
        most = max(most, len(not_begun))
        await asyncio.sleep(0.02)
        not_begun.discard(path)
        spawner = next(iter(api.users[path.split("/")[1]].spawners.values()))
        spawner.pending = "stop"
        await asyncio.sleep(0.5)  # until its pod has gone
        if len(api.requests) == 3:
            api.requests.append((path, ""))
            raise OSError("no answer")
        return await api.send(method, path, body)

    monkeypatch.setattr(logging.getLogger("z2jh_hub"), "propagate", True)
    hub: Any = SimpleNamespace(db=db, users=api.users, log=logging.getLogger("hub"))
    began = asyncio.get_running_loop().time()
    await Checks(hub, Culler(timeout=50, concurrency=4), send).check(NOW)
    seconds = asyncio.get_running_loop().time() - began
    assert most == 4
    assert len(api.requests) == 20
    assert seconds < len(api.requests) * 0.5 / 4 / 1.5, "a stop waits for those that have begun"
    assert caplog.text.count("Culling failed, and is tried again at the next check: no answer") == 1


def service(*words: str, **more: Any) -> Any:
    command = ["python3", "-m", "jupyterhub_idle_culler", "--url=http://localhost/hub/api", *words]
    usual = {"url": "", "environment": {}, "cwd": "", "name": "culler"}
    app = SimpleNamespace(internal_ssl=False)
    return SimpleNamespace(**{**usual, "command": command, "app": app, **more})


@pytest.mark.parametrize(
    ("candidate", "possible"),
    [
        (service("--timeout=60", "--concurrency=10", "--api-page-size=20"), True),
        (service("--cull-users", "--remove-named-servers"), True),
        (service("--config=hook.py"), False),
        (service("--IdleCuller.cull_arbiter_hook=hook"), False),
        (service("--ssl-enabled"), False),
        (service("--timeout=soon"), False),
        (service("--timeout=1"), False),
        (service(environment={"JUPYTERHUB_API_TOKEN": "another"}), False),
        (service(command="python3 -m jupyterhub_idle_culler"), False),
        (service(command=["python3", "my_culler.py"]), False),
        (service(command=None), False),
        (service("--url=http+unix://hub.sock"), False),
    ],
)
def test_what_it_cannot_do_alike_runs_as_a_process(
    candidate: Any, possible: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert in_hub.is_possible(candidate) is possible
    (tmp_path / processes.DEFAULT_FILE).touch()
    assert not in_hub.is_possible(candidate)


def test_the_record_is_of_a_running_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    started = datetime.now(UTC)
    command = ["python3", "-m", "jupyterhub_idle_culler", "--timeout=7"]
    record.write([SimpleNamespace(command=command, started=started)])
    (running,) = (each for each in processes.cullers() if each.timeout == 7)
    assert running == replace(Culler(timeout=7), started=running.started)
    pid, second = json.loads((tmp_path / record.FILE).read_text())["pid"], timedelta(seconds=2)
    assert not list(record.read(tmp_path, pid + 1, 0.0))
    assert not list(record.read(tmp_path, pid, (started + second).timestamp()))
    (tmp_path / record.FILE).write_text("{")
    assert not list(record.read(tmp_path, pid, 0.0))
