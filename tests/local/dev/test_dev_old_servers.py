"""User servers of earlier releases of JupyterHub behind this hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support import old_servers
from support.dev import ADMIN_PASSWORD, Dev, Person, merged, until

pytestmark = pytest.mark.slow

VERSIONS = ("4.1.6", "5.2.1", "5.5.4")


VALUES = {
    "singleuser": {"extraEnv": {"JUPYTERHUB_ACTIVITY_INTERVAL": "1"}},
    "cull": {"enabled": True, "timeout": 15, "every": 2},
}


def profile(version: str) -> dict[str, Any]:
    override = {"cmd": old_servers.command(version)}
    slug = version.replace(".", "-")
    return {"display_name": version, "slug": slug, "kubespawner_override": override}


def use(user: Person, version: str) -> None:
    """Start a server, save a file, and wait until the server reports activity."""
    user.start(options={"profile": version.replace(".", "-")})
    # a page that needs a login: without JupyterLab, the first one does not
    assert user.get(f"user/{user.name}/files/none").status_code == 404
    answer = user.own("GET", "api/status")
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-JupyterHub-Version"] == version
    started = user.servers()[""]["last_activity"]
    user.write("notes.txt", f"of {version}")
    assert user.read("notes.txt") == f"of {version}"
    until(lambda: user.servers()[""]["last_activity"] > started, "the report of activity")


def test_servers_of_earlier_releases(run_dev: Callable[..., Dev]) -> None:
    """They start, save files, report activity, log out with the hub, and are culled."""
    profiles = [profile(version) for version in VERSIONS]
    dev = run_dev(merged(VALUES, {"singleuser": {"profileList": profiles}})).ready()
    users = [Person(dev, f"user-{number}") for number, _ in enumerate(VERSIONS)]
    for user, version in zip(users, VERSIONS, strict=True):
        use(user, version)
        user.get("hub/logout")
        answer = user.session.get(f"{dev.url}user/{user.name}/api/contents", timeout=60)
        assert answer.status_code == 403
    admin = Person(dev, "admin", ADMIN_PASSWORD)
    for user in users:
        path = f"users/{user.name}"
        until(lambda path=path: not admin.api("GET", path).json()["servers"], "the culler", 60)
