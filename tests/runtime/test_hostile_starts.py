"""What users send never stops the hub, fills its log or its database, or shows Python to them."""

from __future__ import annotations

import http.client
import http.server
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.hubs import Hub
from support.people import ANYBODY, Person, words

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
    ({"profile": "gpu"}, 403, "The profile gpu is not offered to you. Choose one of: Plain"),
    ({"profile": "plain", "rescue": {}}, 400, "rescue is true or false"),
    ({"a": [[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]}, 400, "nested too deeply"),
    ({"profile": "x" * LONG}, 413, "larger than 64 KiB"),
    ({"profile": "plain", "note": "x" * LONG}, 413, "larger than 64 KiB"),
    ({"user_options": {"note": "x" * LONG}, "display_name": "d"}, 413, "larger than 64 KiB"),
]
# values that only KubeSpawner can tell to be wrong, when the request has been answered
TYPED = ("many", "{0}", "{username.x}", "-1e400", "\0")


def is_sentence(text: str) -> bool:
    """Whether a message is one or two readable sentences, and not Python's."""
    return 0 < len(text) < 600 and not any(piece in text for piece in PYTHON)


def stays_up(hub: Hub) -> None:
    """Fails where the hub ends: it waits for two seconds before it gives up."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert hub.process.poll() is None, hub.log.read_text()[-5000:]
        time.sleep(0.2)
    assert "Aborting due to" not in hub.log.read_text()


def test_what_is_refused_is_refused_with_a_sentence_and_kept_nowhere(
    start_hub: Callable[..., Any], kubeconfig: Path, tmp_path: Path
) -> None:
    with start_hub(VALUES, KUBECONFIG=str(kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        for options, status, message in REFUSED:
            answer = hub.api("users/ada/server", "POST", options)
            assert (answer[0], message in answer[1]["message"]) == (status, True), answer
            assert is_sentence(answer[1]["message"])
        for number, typed in enumerate(TYPED):
            options = {"profile": "plain", "cpus--unlisted-choice": typed}
            status, answer = hub.api(f"users/ada/servers/s-{number}", "POST", options)
            assert status in (202, 400), answer
            told = hub.progress(f"ada/servers/s-{number}")[-1]["message"]
            assert "cannot be started with what was typed for cpus" in told
        # the same through the other doors: create, change, form, link, login
        big = {"user_options": {"note": "x" * LONG}, "display_name": "d"}
        assert hub.api("users/ada/servers/two", "PUT", big)[0] == 413
        hub.api("users/ada/servers/two", "PUT", {})
        assert hub.api("users/ada/servers/two", "PATCH", {"user_options": big})[0] == 413
        ada = Person(hub, "ada")
        status, text = ada.post("spawn", profile="x" * 2**17)
        assert (status, "larger than 64 KiB" in text) == (413, True)
        status, text = ada.post("spawn", **{"profile": "plain", "z" * 2**17: ""})
        assert (status, "larger than 64 KiB" in text) == (413, True)
        status, text = ada.post("spawn", profile="gpu")
        assert (status, "The profile gpu is not offered to you" in text) == (403, True)
        status, text = ada.get(f"spawn?opt-profile=plain&opt-image={'x' * 5000}")
        assert status == 200, text
        ada.post("login", username="u" * LONG, password="x")
        stays_up(hub)
        log = hub.log.read_text()
        assert len(log) < 200_000
        assert "x" * 201 not in log and "z" * 201 not in log and "u" * 201 not in log
    assert sum(file.stat().st_size for file in (tmp_path / "work").glob("*.sqlite*")) < 2**20


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
    """The port of a server that answers the first request of each start, and then no more."""
    answered = 0

    class Once(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal answered
            answered += 1
            if answered % 2:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True
                self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Once)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
