"""A home is found again whatever it is called today, and never shadowed by a new one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until

from z2jh_hub.config.ownership import SERVER, USER, Claimant, Owner, per_server
from z2jh_hub.spawner.kubernetes_api import Refused


def claim(name: str, user: str = "", server: str = "") -> dict[str, Any]:
    annotations = ({USER: user} if user else {}) | ({SERVER: server} if server else {})
    return {
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


@pytest.mark.parametrize(
    ("template", "each"),
    [
        ("claim-{username}", False),
        ("claim-{user_server}", True),
        ("claim-{username}{servername}", True),
        ("claim-{username}--{unescaped_servername}", True),
    ],
)
def test_a_template_says_whether_each_server_has_a_home(template, each):
    assert per_server(template) is each


@pytest.mark.parametrize(
    ("claims", "server", "each", "names"),
    [
        ([claim("a", "ada"), claim("b", "bo"), claim("c")], "", True, ["a"]),
        ([claim("a", "ada"), claim("b", "ada", "gpu")], "gpu", True, ["b"]),
        ([claim("a", "ada")], "gpu", True, []),
        ([claim("a", "ada")], "gpu", False, ["a"]),
        ([claim("a", "ada"), claim("b", "ada", "gpu")], "gpu", False, ["a"]),
        ([claim("a", "ada", "x"), claim("b", "ada", "y")], "", False, ["a", "b"]),
        ([claim("a", "ada"), claim("b", "ada")], "", True, ["a", "b"]),
        ([{"metadata": {"name": "n"}}], "", True, []),
    ],
)
def test_homes_go_by_annotations(claims, server, each, names):
    result = Claimant(Owner("ada", server), each).homes_among(claims, "claim-{username}")
    assert (result.certain, result.doubtful) == (names, [])


def start(hub: Hub, user: str) -> str:
    """Start a user's server; "" when it is ready, else why it failed."""
    hub.api(f"users/{user}", "POST")
    status, answer = hub.api(f"users/{user}/server", "POST")
    if status >= 400:
        return str(answer["message"])
    wait_until(lambda: not hub.api(f"users/{user}")[1]["pending"], hub.process, hub.log)
    servers = hub.api(f"users/{user}")[1]["servers"]
    return "" if servers.get("", {}).get("ready") else hub.log.read_text()


def mounted(cluster: Cluster, pod: str) -> list[str]:
    volumes = cluster.get(f"pods/{pod}")["spec"]["volumes"]
    return [
        each["persistentVolumeClaim"]["claimName"]
        for each in volumes
        if "persistentVolumeClaim" in each
    ]


def test_a_home_of_another_name_is_used_and_doubt_refuses(start_hub, cluster: Cluster) -> None:
    """As after an upgrade with another template and slug scheme, and a fresh database."""
    cluster.call("POST", "persistentvolumeclaims", claim("claim-ada-2dlovelace", "ada-lovelace"))
    for name in ("one", "two"):
        cluster.call("POST", "persistentvolumeclaims", claim(name, "bo"))
    with start_hub({}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "ada-lovelace") == ""
        assert mounted(cluster, "jupyter-ada-lovelace") == ["claim-ada-2dlovelace"]
        assert "(home-ambiguous)" in start(hub, "bo") or "home-ambiguous" in hub.log.read_text()
        assert start(hub, "new") == ""
        assert mounted(cluster, "jupyter-new") == ["claim-new"]
        before = sorted(cluster.names("persistentvolumeclaims"))
        assert before == ["claim-ada-2dlovelace", "claim-new", "one", "two"]
        # a claim that the hub remembers and someone has deleted is made again
        hub.api("users/new/server", "DELETE")
        wait_until(lambda: not hub.api("users/new")[1]["servers"], hub.process, hub.log)
        cluster.call("DELETE", "persistentvolumeclaims/claim-new")
        assert start(hub, "new") == ""
        # the home stays when its user goes
        hub.api("users/new", "DELETE")
        wait_until(lambda: "jupyter-new" not in cluster.names("pods"), hub.process, hub.log)
        assert sorted(cluster.names("persistentvolumeclaims")) == before


@pytest.mark.parametrize("also", [[], [claim("other", "ada")]], ids=["none left", "another left"])
async def test_a_claim_that_was_deleted_since_another_start_is_not_used(spawner, monkeypatch, also):
    server = spawner("ada")
    lists = [[claim("gone", "ada")], also]

    async def now(_: object) -> list[dict[str, Any]]:
        return lists.pop(0)

    monkeypatch.setattr(type(server), "_list_claims", now)
    assert await server._existing_home() == "gone"
    server = spawner("ada")
    assert await server._existing_home() == ("other" if also else None)


def test_home_is_deleted_with_its_user_if_that_is_configured(start_hub, cluster: Cluster) -> None:
    values = {"hub": {"config": {"KubeSpawner": {"delete_pvc": True}}}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "ada") == ""
        assert cluster.names("persistentvolumeclaims") == ["claim-ada"]
        hub.api("users/ada", "DELETE")
        wait_until(lambda: not cluster.names("persistentvolumeclaims"), hub.process, hub.log)


@pytest.mark.parametrize(
    ("name", "owner", "size"),
    [("claim-ada", "ada", "20Gi"), ("former-name", "ada", "20Gi"), ("claim-ada", "bo", "")],
    ids=["configured name", "another name", "another user"],
)
async def test_the_size_of_the_own_home_is_recorded(spawner, monkeypatch, name, owner, size):
    home = {**claim(name, owner), "status": {"capacity": {"storage": "20Gi"}}}

    async def claims(_: object) -> list[dict[str, Any]]:
        return [home]

    server = spawner("ada")
    monkeypatch.setattr(type(server), "_list_claims", claims)
    with suppress(Refused):
        await server._existing_home()
    assert server.home_size == size
    again = spawner("ada")
    again.load_state(server.get_state())
    assert again.home_size == size
