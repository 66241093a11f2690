"""A hub with real PostgreSQL and MariaDB servers, and passwords from the values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.databases import PASSWORD, Server, mariadb, place, postgres
from support.hubs import free_port, wait_until
from support.people import ANYBODY, Person
from support.servers import begin, lost, ready, uids

__all__ = ["mariadb", "place", "postgres"]

USERS = {"ada", "bo", "cy"}


@pytest.fixture(params=["postgres", "mariadb"])
def database(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def values_of(database: Server) -> dict[str, Any]:
    kind = database.url.partition("+")[0].replace("postgresql", "postgres")
    return {"hub": {"db": {"type": kind, "url": database.url, "password": PASSWORD}}}


def test_reason_is_logged_if_the_database_cannot_be_used(start_hub: Any, tmp_path: Path) -> None:
    url = f"postgresql+psycopg2://hub@127.0.0.1:{free_port()}/hub"
    db = {"type": "postgres", "url": url, "password": PASSWORD}
    with pytest.raises(AssertionError), start_hub({"hub": {"db": db}}):
        pass
    printed = (tmp_path / "hub.log").read_text()
    assert "The database of hub.db cannot be used: connection to server" in printed
    assert "Connection refused" in printed
    assert PASSWORD not in printed


def test_users_survive_a_restart(database: Server, start_hub: Any) -> None:
    values = values_of(database)
    with start_hub(values) as hub:
        assert hub.api("users/ada", "POST")[0] == 201
    with start_hub(values) as hub:
        status, users = hub.api("users")
        assert (status, [user["name"] for user in users]) == (200, ["ada"])
        assert PASSWORD not in hub.log.read_text()


def test_administrators_see_failed_starts_and_stops(
    database: Server, start_hub: Any, cluster: Cluster
) -> None:
    values = values_of(database)
    values["hub"]["config"] = {**ANYBODY, "Authenticator": {"admin_users": ["grace"]}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["ada"])
        hub.api("users/ada/server", "DELETE")
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1 😀")
        hub.api("users/bo", "POST")
        hub.api("users/bo/server", "POST")
        grace = Person(hub, "grace")
        wait_until(lambda: "post-start-failed" in grace.get("admin")[1], hub.process, hub.log)
        page = grace.get("admin")[1]
        assert "PostStartHookError: exit code 1 😀" in page
        assert "by the service tests." in page
        assert "10 GiB claim" in page


def test_restart_of_the_database_stops_no_server(
    database: Server, start_hub: Any, cluster: Cluster
) -> None:
    with start_hub(values_of(database), KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, USERS)
        pods = uids(cluster)
        database.stop()
        assert hub.api("users")[0] != 200
        database.start()
        wait_until(lambda: hub.api("users")[0] == 200, hub.process, hub.log)
        assert ready(hub) == USERS
        begin(hub, ["new"])
        assert hub.api("users/ada/server", "DELETE")[0] in (202, 204)
        wait_until(lambda: "jupyter-ada" not in cluster.names("pods"), hub.process, hub.log)
        del pods["jupyter-ada"]
        assert lost(pods, cluster) == 0
