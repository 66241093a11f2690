"""A person uses a hub of `z2jh dev` over HTTP."""

from __future__ import annotations

import os
import signal

import psutil
import pytest
from support.dev import ADMIN_PASSWORD, Dev, Person, until, z2jh
from support.hubs import answers

from z2jh_hub.local.dev.layout import Layout


def test_server_is_selected_started_used_and_stopped(dev):
    ada = Person(dev, "ada")
    page = ada.get("hub/spawn")
    assert "Small" in page.text
    assert "Large" in page.text
    assert ada.ask_for(options={"profile": "large"}).status_code in (201, 202)
    events = list(ada.progress())
    assert events[-1]["ready"] is True
    assert events[-1]["progress"] == 100
    assert any("Started" in event.get("message", "") for event in events), events

    answer = ada.own("GET", "api/status")
    assert answer.status_code == 200
    assert "started" in answer.json()
    [pod] = [pod for pod in dev.ps()["pods"] if pod["user"] == "ada"]
    assert pod["status"] == "Running"
    environment = _server_of(dev, "ada").environ()
    assert environment["PROFILE"] == "large"

    ada.stop()
    assert not [pod for pod in dev.ps()["pods"] if pod["user"] == "ada"]
    assert ada.get("user/ada/api/status").status_code in (424, 503)


def test_named_server_runs_next_to_the_default_one(dev):
    bob = Person(dev, "bob")
    bob.start()
    bob.start("second")
    assert set(bob.servers()) == {"", "second"}
    assert bob.own("GET", "api/status", server="second").status_code == 200
    assert {pod["server"] for pod in dev.ps()["pods"] if pod["user"] == "bob"} == {"", "second"}
    bob.stop("second")
    bob.stop()


def test_a_home_outlives_its_server(dev):
    cleo = Person(dev, "cleo")
    cleo.start()
    cleo.write("kept.txt", "what I wrote")
    cleo.stop()
    [home] = [home for home in dev.ps()["claims"] if home["user"] == "cleo"]
    assert home["size"] == "1Gi"
    assert home["used"] >= len("what I wrote")
    cleo.start()
    assert cleo.read("kept.txt") == "what I wrote"
    cleo.stop()


def test_wrong_password_is_rejected(dev):
    with pytest.raises(AssertionError, match="Invalid username or password"):
        Person(dev, "eve", "not the password")


def test_killed_hub_restarts_and_keeps_the_servers(dev):
    dan = Person(dev, "dan")
    dan.start()
    assert dan.own("GET", "api/status").status_code == 200
    server, hub, cullers = _server_of(dev, "dan"), dev.pid("hub"), dev.cullers()
    assert len(cullers) == 1
    os.kill(hub, signal.SIGKILL)
    assert dan.get("user/dan/api/status").status_code == 200, "the proxy still knows it"
    until(lambda: dev.record("hub").get("pid") not in (None, hub), "another hub")
    until(lambda: dan.get("hub/health").status_code == 200, "an answer of the hub")
    until(lambda: dev.cullers(), "another culler")
    assert dan.servers()[""]["ready"] is True
    assert dan.own("GET", "api/status").status_code == 200
    assert _server_of(dev, "dan").pid == server.pid
    assert len(dev.cullers()) == 1
    assert dev.cullers() != cullers, "another start of the same culler"
    assert "hub was ended by signal SIGKILL: starting it again" in dev.printed()
    dan.stop()


def test_killed_proxy_restarts(dev):
    killed = dev.pid("proxy")
    os.kill(killed, signal.SIGKILL)
    until(lambda: dev.record("proxy").get("pid") not in (None, killed), "another proxy")
    # the hub restores its routes once a minute
    until(lambda: answers(f"{dev.url}hub/health"), "an answer through it")


def test_an_administrator_sees_all_users(dev):
    Person(dev, "gil")
    admin = Person(dev, "admin", ADMIN_PASSWORD)
    names = {user["name"] for user in admin.api("GET", "users").json()}
    assert {"gil", "admin"} <= names


def test_state_directory_has_one_dev(dev):
    done = z2jh("dev", "-f", dev.file, "--state", dev.state, "--port", "1")
    assert done.returncode == 2
    assert f"process {dev.process.pid}, at {dev.url}" in done.stderr
    assert "z2jh dev stop" in done.stderr
    assert not dev.ended()


def test_reset_needs_confirmation(dev):
    done = z2jh("dev", "reset", "--state", dev.state, answer="n\n")
    assert done.returncode == 1
    assert "Nothing was removed" in done.stdout
    assert not dev.ended()


def test_state_is_private(dev):
    for folder, names, files in os.walk(dev.state):
        if "claims" in folder.split(os.sep) or "pods" in folder.split(os.sep):
            continue
        for name in [*names, *files]:
            path = os.path.join(folder, name)
            parent_is_private = os.stat(dev.state).st_mode & 0o077 == 0
            assert parent_is_private, path
    secrets = Layout(dev.state).secrets
    assert list(secrets.iterdir())
    assert all(file.stat().st_mode & 0o077 == 0 for file in secrets.iterdir())
    texts = [dev.printed(), *(file.read_text() for file in (dev.state / "logs").iterdir())]
    for file in secrets.iterdir():
        assert not any(file.read_text() in text for text in texts), file.name


def test_last_line_shows_the_url_the_login_and_how_to_stop(dev):
    [line] = [line for line in dev.printed().splitlines() if line.startswith("Ready")]
    assert dev.url in line
    assert f"the password at {dev.file}:" in line
    assert "Ctrl-C" in line
    assert dev.printed().count("api   │ ") > 0
    assert dev.printed().count("hub   │ ") > 0


def _server_of(dev: Dev, user: str) -> psutil.Process:
    """Return the process of a user's server."""
    home = f"claim-{user}"
    [server] = [
        each
        for each in dev.processes()
        if home in each.environ().get("HOME", "") and "jupyterhub-singleuser" in str(each.cmdline())
        and each.name() not in ("sh",)
    ]  # fmt: skip
    return server
