"""Of two users whose names have the same slug, neither gets the other's home, pod or route."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from cluster_support import Hub, Release
from namespaces import SLOW, wait_until

ADA = "ada.lovelace"
DOUBLE = quote("ada!-@~!.~@=@~..lovelace", safe="")
SLUG = "ada-lovelace---d239a0a8"
POD = f"jupyter-{SLUG}"


@pytest.fixture(scope="module")
def running(release: Release) -> Release:
    """Install a release, with a server and a file of Ada."""
    release.upgrade()
    with release.reached() as hub:
        hub.start(ADA)
    write = ("sh", "-c", "echo mine >/home/jovyan/file.txt")
    assert release.namespace.execute(POD, *write) == (0, "")
    return release


def refused(hub: Hub, user: str, options: Any = None) -> str:
    """Return the last message of a refused start, or "" if the start succeeds."""
    path = f"/hub/api/users/{user}"
    hub.call("POST", path)
    status, answer = hub.call("POST", f"{path}/server", options)
    if status >= 400:
        return str(answer["message"])
    wait_until(f"{user}'s start ends", lambda: not hub.server(user).get("pending"), SLOW)
    return "" if hub.server(user) else hub.log()


@pytest.mark.parametrize("options", [None, {"rescue": True}], ids=["normal", "rescue"])
def test_a_start_does_not_touch_the_running_server_of_another_user(
    running: Release, options: Any
) -> None:
    uid = running.namespace.get("pod", POD)["metadata"]["uid"]
    with running.reached() as hub:
        message = refused(hub, DOUBLE, options)
        assert "server-of-another" in message
        assert running.namespace.get("pod", POD)["metadata"]["uid"] == uid
        assert hub.answers(ADA)
        assert not hub.server(DOUBLE)


@pytest.mark.parametrize("options", [None, {"rescue": True}], ids=["normal", "rescue"])
def test_a_start_does_not_mount_the_home_of_another_user(running: Release, options: Any) -> None:
    with running.reached() as hub:
        if hub.server(ADA):
            hub.api("DELETE", f"users/{ADA}/server")
            wait_until("Ada's server stops", lambda: not hub.server(ADA))
        wait_until("its pod ends", lambda: POD not in running.namespace.names("pods"))
        assert "home-of-another" in refused(hub, DOUBLE, options)
        assert POD not in running.namespace.names("pods")


def test_a_user_created_again_gets_the_home_that_an_administrator_assigns(
    running: Release,
) -> None:
    namespace = running.namespace
    with running.reached() as hub:
        hub.api("DELETE", f"users/{ADA}")
        assert "home-of-deleted-user" in refused(hub, ADA)
        namespace.kubectl(
            "exec", "deploy/hub", "--", "z2jh", "homes", "assign", f"claim-{SLUG}", ADA
        )
        hub.start(ADA)
    assert namespace.execute(POD, "cat", "/home/jovyan/file.txt") == (0, "mine\n")
