"""Quotas where people meet them: on the page, through the API, over a restart of the hub."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY, Person

SECONDS = 6  # a week
PROFILES = [{"display_name": name, "slug": name.lower()} for name in ("Plain", "GPU")]


def values(**quota: Any) -> dict[str, Any]:
    """Two profiles, named servers, one rule; a hub that ends at its second failed start."""
    config = {**ANYBODY, "JupyterHub": {**ANYBODY["JupyterHub"], "authenticate_prometheus": False}}
    return {
        "hub": {
            "config": config,
            "allowNamedServers": True,
            "consecutiveFailureLimit": 2,
            "quotas": {"all": quota},
        },
        "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
    }


def servers(hub: Hub, user: str = "ada") -> dict[str, Any]:
    result: dict[str, Any] = hub.api(f"users/{user}")[1]["servers"]
    return {name: server for name, server in result.items() if server["ready"]}


def start(hub: Hub, path: str, **options: Any) -> tuple[int, str]:
    """Ask the API for a server, wait for it where one comes: (status, message)."""
    status, answer = hub.api(path, "POST", options)
    if status < 400:
        hub.progress(path.removeprefix("users/"))
    return status, (answer or {}).get("message", "")


def stop(hub: Hub, path: str) -> None:
    assert hub.api(path, "DELETE")[0] in (202, 204)
    wait_until(lambda: not servers(hub), hub.process, hub.log)


def counted(hub: Hub) -> dict[tuple[str, str], float]:
    """(status, reason) → starts, as the hub's metrics have them; those that there were."""
    with urllib.request.urlopen(f"{hub.url}metrics", timeout=30) as answer:
        text = answer.read().decode()
    name = "jupyterhub_server_spawn_duration_seconds_count"
    result = re.findall(rf'{name}{{reason="(.*?)",status="(.*?)"}} ([\d.]+)', text)
    return {(status, reason): float(number) for reason, status, number in result if float(number)}


def test_hours_that_are_used_up_refuse_a_start_on_the_page_and_in_the_api(
    start_hub: Callable[..., Any], cluster: Cluster
) -> None:
    given = values(hoursPerWeek=SECONDS / 3600)
    with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        ada = Person(hub, "ada")
        assert "0.0 of 0.00166667 hours left this week." in ada.get("spawn")[1]
        assert start(hub, "users/ada/server")[0] in (201, 202)
        began = datetime.fromisoformat(servers(hub)[""]["started"])
    # the server runs on while the hub does not
    with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        wait_until(lambda: bool(servers(hub)), hub.process, hub.log)
        assert datetime.fromisoformat(servers(hub)[""]["started"]) == began
        over = lambda: (datetime.now(UTC) - began).total_seconds() > SECONDS  # noqa: E731
        wait_until(over, hub.process, hub.log)
        stop(hub, "users/ada/server")
        reported = r"Your servers ran for \d+\.\d of your 0\.00166667 hours a week\."
        for _ in range(3):  # more often than the failed starts after which the hub ends
            status, message = start(hub, "users/ada/server")
            assert status == 403
            assert re.search(reported, message)
        ada = Person(hub, "ada")
        status, page = ada.post("spawn", profile="plain")
        assert re.search(reported, page)
        assert status == 403
        assert set(counted(hub)) == {("failure", "user-quota")}
        assert hub.api("users/bo", "POST")[0] == 201
        assert start(hub, "users/bo/server")[0] in (201, 202)
    # what was used is not forgotten by the next hub either
    with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "users/ada/server")[0] == 403


def test_servers_at_once_and_by_profile(start_hub: Callable[..., Any], cluster: Cluster) -> None:
    given = values(servers=2, profiles={"gpu": 1})
    with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        ada = Person(hub, "ada")
        assert "You can start 2 more servers." in ada.get("spawn")[1]
        assert start(hub, "users/ada/servers/one", profile="gpu")[0] in (201, 202)
        page = ada.get("spawn/ada/two")[1]
        assert "You can start 1 more server." in page
        assert "You have 1 server of this profile and may have 1 at once." in page
        status, message = start(hub, "users/ada/servers/two", profile="gpu")
        assert (status, message) == (
            403,
            "You have 1 server of the profile GPU and may have 1 at once.",
        )
        status, page = ada.post("spawn/ada/two", profile="gpu")
        assert status == 403
        assert message in page
        assert start(hub, "users/ada/servers/two", profile="plain")[0] in (201, 202)
        status, page = ada.post("spawn", profile="plain")
        assert status == 403
        assert "You have 2 servers and may have 2 at once." in page
        assert set(counted(hub)) == {("success", ""), ("failure", "user-quota")}
    # a hub that was restarted knows of which profile the servers are
    with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        wait_until(lambda: len(servers(hub)) == 2, hub.process, hub.log)
        stop_one = hub.api("users/ada/servers/two", "DELETE")[0]
        assert stop_one in (202, 204)
        wait_until(lambda: list(servers(hub)) == ["one"], hub.process, hub.log)
        assert start(hub, "users/ada/servers/three", profile="gpu") == (403, message)
