"""Input of users never stops the hub, fills its log or database, or shows Python to them."""

from __future__ import annotations

import http.client
import http.server
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.hubs import Hub, serve
from support.people import ANYBODY, Person, words

pytestmark = pytest.mark.slow

PROFILES = [
    {
        "display_name": "Plain",
        "slug": "plain",
        "profile_options": {
            "image": {
                "display_name": "Image",
                "choices": {"a": {"display_name": "A"}},
                "unlisted_choice": {
                    "enabled": True,
                    "display_name": "Own",
                    "validation_regex": "^[a-z]+:[0-9]+$",
                    "validation_message": "It is a name and a number.",
                    "kubespawner_override": {"image": "{value}"},
                },
            },
            "cpus": {
                "display_name": "CPUs",
                "choices": {"1": {"display_name": "One"}},
                "unlisted_choice": {
                    "enabled": True,
                    "display_name": "More",
                    "kubespawner_override": {
                        "cpu_limit": "{value}",
                        "environment": {"N": "{value}"},
                    },
                },
            },
        },
    },
    {"display_name": "GPU", "slug": "gpu", "allowed_groups": ["staff"]},
]
VALUES: dict[str, Any] = {
    "hub": {"allowNamedServers": True, "consecutiveFailureLimit": 2, "config": ANYBODY},
    "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
}
PYTHON = ("Traceback", "Error(", "Error:", "NoneType", "<class", "object at 0x", "dict_keys")
LONG = 20 * 2**20  # bytes
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"profile": "plain", "image--unlisted-choice": "x"}, 400, "It is a name and a number."),
    ({"profile": "plain", "image": ["b"]}, 400, "The choice for Image must be text."),
    ({"profile": "plain", "image--unlisted-choice": 5}, 400, "must be text"),
    ({"image--unlisted-choice": 5}, 400, "must be text"),
    ({"profile": ["plain"]}, 400, "must be text"),
    ({"profile": {"plain": 1}}, 400, "must be text"),
    ({"profile": "gpu"}, 403, "The profile gpu is not available to you. Choose one of: Plain"),
    ({"profile": "plain", "rescue": {}}, 400, "The option rescue must be true or false"),
    ({"a": [[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]}, 400, "nested too deeply"),
    ({"profile": "x" * LONG}, 413, "larger than 64 KiB"),
    ({"profile": "plain", "note": "x" * LONG}, 413, "larger than 64 KiB"),
    ({"user_options": {"note": "x" * LONG}, "display_name": "d"}, 413, "larger than 64 KiB"),
]
# values that only KubeSpawner can reject, after the request has been answered
TYPED = ("many", "{0}", "{username.x}", "-1e400", "\0")


def is_sentence(text: str) -> bool:
    """Return whether a message is one or two readable sentences, without Python."""
    return 0 < len(text) < 600 and not any(piece in text for piece in PYTHON)


def stays_up(hub: Hub) -> None:
    """Fail if the hub exits; it waits for two seconds before it does."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert hub.process.poll() is None, hub.log.read_text()[-5000:]
        time.sleep(0.2)
    assert "Aborting due to" not in hub.log.read_text()


def stored_profiles(hub: Hub) -> list[Any]:
    """Return the profiles of Ada's servers; one that is no text empties JupyterHub's admin page."""
    servers = hub.api("users/ada?include_stopped_servers=1")[1]["servers"].values()
    return [server["user_options"].get("profile", "") for server in servers]


def test_rejected_request_gets_a_sentence_and_is_not_stored(
    start_hub: Callable[..., Any], kubeconfig: Path, tmp_path: Path
) -> None:
    with start_hub(VALUES, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        for options, status, message in REFUSED:
            answer = hub.api("users/ada/server", "POST", options)
            assert (answer[0], message in answer[1]["message"]) == (status, True), answer
            assert is_sentence(answer[1]["message"])
            assert all(isinstance(name, str) for name in stored_profiles(hub)), options
        for number, typed in enumerate(TYPED):
            options = {"profile": "plain", "cpus--unlisted-choice": typed}
            status, answer = hub.api(f"users/ada/servers/s-{number}", "POST", options)
            assert status in (202, 400), answer
            message = hub.progress(f"ada/servers/s-{number}")[-1]["message"]
            assert "cannot be started with the value entered for cpus" in message
        # what is stored with a token, and what administrators send
        ada = Person(hub, "ada")
        headers = {"Cookie": ada.cookies, "Content-Type": "application/json"}
        place = urlsplit(hub.url)
        with closing(http.client.HTTPConnection(place.hostname or "", place.port)) as connection:
            body = json.dumps({"note": "x" * LONG})
            path = f"/hub/api/users/ada/tokens?_xsrf={quote(ada.cookie('_xsrf'))}"
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            assert (response.status, b"larger than 64 KiB" in response.read()) == (413, True)
        class_list = {"usernames": [f"student-{number:05}" for number in range(7000)]}
        assert hub.api("users", "POST", {**class_list, "usernames": [], "x": class_list})[0] < 413
        # the same through other ways: create, change, form, link, login
        big = {"user_options": {"note": "x" * LONG}, "display_name": "d"}
        assert hub.api("users/ada/servers/two", "PUT", big)[0] == 413
        listed = {"user_options": {"profile": {"a": 1}}}
        assert hub.api("users/ada/servers/two", "PUT", listed)[0] == 400
        hub.api("users/ada/servers/two", "PUT", {})
        assert hub.api("users/ada/servers/two", "PATCH", listed)[0] == 400
        assert all(isinstance(name, str) for name in stored_profiles(hub))
        assert hub.api("users/ada/servers/two", "PATCH", {"user_options": big})[0] == 413
        status, text = ada.post("spawn", profile="x" * 2**17)
        assert (status, "larger than 64 KiB" in text) == (413, True)
        status, text = ada.post("spawn", **{"profile": "plain", "z" * 2**17: ""})
        assert (status, "larger than 64 KiB" in text) == (413, True)
        status, text = ada.post("spawn", profile="gpu")
        assert (status, "The profile gpu is not available to you" in text) == (403, True)
        status, text = ada.get(f"spawn?opt-profile=plain&opt-image={'x' * 5000}")
        assert status == 200, text
        ada.post("login", username="u" * LONG, password="x")
        stays_up(hub)
        log = hub.log.read_text()
        assert len(log) < 200_000
        assert "x" * 201 not in log
        assert "z" * 201 not in log
        assert "u" * 201 not in log
    database = tmp_path / "work" / "jupyterhub.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        # the write-ahead log repeats pages that changed several times
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert sum(file.stat().st_size for file in database.parent.glob("*.sqlite*")) < 2**20


CRASHING = """
from kubespawner import KubeSpawner

class Crashing(KubeSpawner):
    async def start(self):
        await super().start()
        return "http://127.0.0.1:{port}"

c.JupyterHub.spawner_class = Crashing
c.Spawner.http_timeout = 2
"""


@contextmanager
def closing_server() -> Iterator[int]:
    """The port of a server that answers one request and then closes every connection."""
    answered = 0

    class Once(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal answered
            answered += 1
            if answered == 1:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True
                self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

    with serve(Once) as port:
        yield port


def test_a_server_that_answers_once_and_then_closes_does_not_count(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    with closing_server() as port:
        snippet = CRASHING.format(port=port)
        values = {
            "hub": {**VALUES["hub"], "consecutiveFailureLimit": 1, "extraConfig": {"own": snippet}},
            "singleuser": {"storage": {"type": "none"}},
        }
        with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
            hub.api("users/ada", "POST")
            hub.api("users/ada/server", "POST")
            message = hub.progress("ada/server")[-1]["message"]
            assert is_sentence(message)
            assert "did not start in time" in message
            stays_up(hub)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        ('sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("gone"))', True),
        ('OSError(errno.EMFILE, "Too many open files")', True),
        ("MemoryError()", True),
        ('sqlalchemy.exc.DataError("INSERT", {}, Exception("nul"))', False),
        ('ConnectionResetError("by peer")', False),
        ('tornado.web.HTTPError(500, "no course")', False),
        ('KeyError("image")', False),
        ('TimeoutError("late")', False),
        ("asyncio.InvalidStateError()", False),
    ],
)
async def test_which_causes_count(
    error: str, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every error of a start is either one that JupyterHub counts or one that it does not count."""
    import asyncio
    import errno

    import sqlalchemy
    import tornado
    from jupyterhub.spawner import SpawnException

    from z2jh_hub.hub import counted_failures

    raised = eval(error, {"asyncio": asyncio, "errno": errno, "sqlalchemy": sqlalchemy,
                          "tornado": tornado})  # fmt: skip

    async def fail(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(counted_failures, "_spawn", fail)
    rolled_back: list[bool] = []
    user = SimpleNamespace(
        name="ada", spawners={}, db=SimpleNamespace(rollback=lambda: rolled_back.append(True))
    )
    with pytest.raises(type(raised) if counted else SpawnException) as failure:
        await counted_failures.spawn(user)
    assert bool(rolled_back) == isinstance(raised, sqlalchemy.exc.SQLAlchemyError)
    if not counted:
        assert is_sentence(failure.value.jupyterhub_message)


TEXT = st.text(max_size=12) | st.sampled_from(["plain", "gpu", "a", "b", "1", "x:1", "", "{0}"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = ["profile", "image", "cpus", "image--unlisted-choice", "cpus--unlisted-choice", "rescue"]
OPTIONS = st.dictionaries(st.sampled_from(NAMES) | TEXT, JSON | TEXT, max_size=5)
BODIES = (
    OPTIONS.map(lambda options: json.dumps(options).encode())
    | st.fixed_dictionaries(
        {}, optional={"user_options": OPTIONS | JSON, "display_name": JSON}
    ).map(lambda model: json.dumps(model).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=40)
    | st.integers(1, 5000).map(lambda depth: b"[" * depth + b"]" * depth)
    | st.integers(1, 5000).map(lambda depth: b'{"a":' * depth + b"1" + b"}" * depth)
)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["profile", "rescue", "_x", *(f"profile-option-plain--{n}" for n in NAMES)])
        | TEXT.filter(lambda name: name != "_xsrf"),
        TEXT | st.binary(max_size=8),
    ),
    max_size=5,
)


class Attacker:
    """A client for ada that sends requests over one connection and never waits for her server."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.person = hub, Person(hub, "ada")
        self.xsrf = self.person.cookie("_xsrf")
        place = urlsplit(hub.url)
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        self.sent = 0

    def ask(self, path: str, body: bytes, method: str = "POST", **headers: str) -> tuple[int, str]:
        self.sent += 1
        self.connection.request(method, f"/hub/{path}", body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def api(self, body: bytes) -> tuple[int, str]:
        path = f"api/users/ada/servers/s-{self.sent % 40}"
        return self.ask(path, body, Authorization=f"token {self.hub.token}")

    def form(self, fields: list[tuple[str, Any]], link: bool) -> tuple[int, str]:
        sent = [(name.encode("utf-8", "replace"), _sent(value)) for name, value in fields]
        path = f"spawn/ada/f-{self.sent % 40}?_xsrf={quote(self.xsrf)}"
        headers = {
            "Cookie": self.person.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if link:
            path += "&" + urlencode([(b"opt-" + name, value) for name, value in sent])
            return self.ask(path, b"", "GET", **headers)
        return self.ask(path, urlencode(sent).encode(), **headers)


def _sent(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace")


def test_a_thousand_requests_are_answered_and_the_hub_stays_up(
    start_hub: Callable[..., Any], kubeconfig: Path
) -> None:
    with start_hub(VALUES, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        attacker = Attacker(hub)
        some = settings(
            max_examples=500,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        @some
        @given(BODIES)
        def send(body: bytes) -> None:
            status, text = attacker.api(body)
            assert 200 <= status < 500, (status, text, body)
            if status >= 400:
                assert is_sentence(json.loads(text)["message"]), text

        @some
        @given(FIELDS, st.booleans())
        def submit(fields: list[tuple[str, Any]], link: bool) -> None:
            status, html = attacker.form(fields, link)
            assert 200 <= status < 500, (status, words(html), fields)
            text = words(html)
            assert not any(piece in text for piece in PYTHON if piece != "Error:"), text

        with closing(attacker.connection):
            send()
            submit()
        assert attacker.sent >= 1000
        stays_up(hub)
        assert "Uncaught exception" not in hub.log.read_text()
