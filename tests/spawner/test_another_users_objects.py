"""Nobody gets, replaces or deletes the home, pod or route of another user, on any path."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.servers import uids

from z2jh_hub.cli import main
from z2jh_hub.ownership import DELETED, SERVER, USER

# both are ada-lovelace---d239a0a8 for KubeSpawner
ADA, DOUBLE = "ada.lovelace", "ada!-@~!.~@=@~..lovelace"
SLUG = "ada-lovelace---d239a0a8"
POD, CLAIM = f"jupyter-{SLUG}", f"claim-{SLUG}"
NAMED = {"hub": {"allowNamedServers": True}}


def claim(name: str, user: str = "", server: str = "", **labels: str) -> dict[str, Any]:
    annotations = ({USER: user} if user else {}) | ({SERVER: server} if server else {})
    return {
        "metadata": {"name": name, "annotations": annotations, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def make_claim(cluster: Cluster, *args: str, **labels: str) -> None:
    cluster.call("POST", "persistentvolumeclaims", claim(*args, **labels))


def make_pod(cluster: Cluster, name: str, user: str, **labels: str) -> str:
    """A pod as KubeSpawner makes it; its uid."""
    body = {
        "metadata": {
            "name": name,
            "annotations": {USER: user},
            "labels": {"component": "singleuser-server", **labels},
        },
        "spec": {"containers": [{"name": "notebook", "image": "x"}]},
    }
    made = cluster.call("POST", "pods", body)
    return str(made["metadata"]["uid"])


def start(hub: Hub, user: str, server: str = "", options: Any = None) -> str:
    """Start a server: "" once it is ready, else the last message that its user reads."""
    path = f"users/{_quoted(user)}"
    hub.api(path, "POST")
    place = f"{path}/servers/{server}" if server else f"{path}/server"
    status, answer = hub.api(place, "POST", options)
    if status >= 400:
        return str(answer["message"])
    ready = _servers(hub, user).get(server, {}).get("ready")
    if status == 201 and ready:
        return ""
    last = hub.progress(
        f"{_quoted(user)}/servers/{server}" if server else f"{_quoted(user)}/server"
    )
    return "" if last[-1].get("ready") else str(last[-1]["message"])


def stop(hub: Hub, user: str, server: str = "") -> None:
    path = f"users/{_quoted(user)}"
    hub.api(f"{path}/servers/{server}" if server else f"{path}/server", "DELETE")
    wait_until(lambda: server not in _servers(hub, user), hub.process, hub.log)


def delete(hub: Hub, user: str) -> None:
    assert hub.api(f"users/{_quoted(user)}", "DELETE")[0] == 204


def _servers(hub: Hub, user: str) -> dict[str, Any]:
    found: dict[str, Any] = hub.api(f"users/{_quoted(user)}")[1].get("servers", {})
    return found


def _quoted(user: str) -> str:
    return quote(user, safe="")


def mounted(cluster: Cluster, pod: str) -> list[str]:
    volumes = cluster.get(f"pods/{pod}")["spec"]["volumes"]
    claims = [each.get("persistentVolumeClaim") for each in volumes]
    return [each["claimName"] for each in claims if each]


def owner(cluster: Cluster, path: str) -> str:
    return str(cluster.get(path)["metadata"]["annotations"].get(USER))


@pytest.fixture
def environ(cluster: Cluster) -> dict[str, str]:
    return {"KUBECONFIG": str(cluster.kubeconfig)}


def test_a_slug_collision_touches_no_running_server(start_hub, cluster, environ) -> None:
    with start_hub(NAMED, **environ) as hub:
        assert start(hub, ADA) == ""
        pods = uids(cluster)
        for options in (None, {"rescue": True}):
            message = start(hub, DOUBLE, options=options)
            assert "(server-of-another)" in message
            assert ADA not in message
            assert uids(cluster) == pods
            assert owner(cluster, f"persistentvolumeclaims/{CLAIM}") == ADA
        log = hub.log.read_text()
        assert f"Pod default/{POD} belongs to user '{ADA}'; requested by '{DOUBLE}'" in log
        assert _servers(hub, ADA)[""]["ready"]
        # nor does the user's end
        delete(hub, DOUBLE)
        assert uids(cluster) == pods
        assert (
            DELETED not in cluster.get(f"persistentvolumeclaims/{CLAIM}")["metadata"]["annotations"]
        )


def test_a_slug_collision_does_not_give_a_home_away(start_hub, cluster, environ) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, ADA) == ""
        stop(hub, ADA)
        for options in (None, {"rescue": True}):
            message = start(hub, DOUBLE, options=options)
            assert "(home-of-another)" in message
            assert ADA not in message
            assert cluster.names("pods") == []
        log = hub.log.read_text()
        assert f"PersistentVolumeClaim default/{CLAIM} belongs to user '{ADA}'" in log
        # a home of another name is theirs, and both work
        make_claim(cluster, "of-the-double", DOUBLE)
        assert start(hub, DOUBLE) == ""
        assert mounted(cluster, POD) == ["of-the-double"]
        stop(hub, DOUBLE)
        assert start(hub, ADA) == ""
        assert mounted(cluster, POD) == [CLAIM]


def test_a_pod_that_the_watch_does_not_show_is_not_replaced(start_hub, cluster, environ) -> None:
    """Without the label of the watch, it is found by the conflict alone."""
    uid = make_pod(cluster, POD, ADA, component="other")
    with start_hub({}, **environ) as hub:
        assert "(server-of-another)" in start(hub, DOUBLE)
        assert uids(cluster) == {POD: uid}
        assert hub.api(f"users/{_quoted(DOUBLE)}/server", "DELETE")[0] < 500
    assert uids(cluster) == {POD: uid}


def test_a_claim_of_another_that_comes_in_between_is_not_used(start_hub, cluster, environ) -> None:
    """The list of claims is answered before it exists, the creation after: a conflict."""
    snippet = f"""
from kubespawner import KubeSpawner
class Late(KubeSpawner):
    async def _make_create_pvc_request(self, pvc, timeout):
        other = self.get_pvc_manifest()
        other.metadata.annotations["{USER}"] = "somebody"
        await self.api.create_namespaced_persistent_volume_claim(self.namespace, other)
        return await super()._make_create_pvc_request(pvc, timeout)
c.JupyterHub.spawner_class = Late
"""
    with start_hub({"hub": {"extraConfig": {"late": snippet}}}, **environ) as hub:
        assert "(home-of-another)" in start(hub, "new")
        assert cluster.names("pods") == []


def test_servers_of_one_user_are_kept_apart_by_their_names(start_hub, cluster, environ) -> None:
    storage = {"dynamic": {"pvcNameTemplate": "claim-{username}{servername}"}}
    with start_hub({**NAMED, "singleuser": {"storage": storage}}, **environ) as hub:
        assert start(hub, "alice") == ""
        assert "(home-of-another)" in start(hub, "al", "ice")
        assert cluster.names("pods") == ["jupyter-alice"]
        assert start(hub, "al", "lab") == ""
        assert owner(cluster, "persistentvolumeclaims/claim-allab") == "al"


def test_one_home_for_all_servers_of_a_user_stays_shared(start_hub, cluster, environ) -> None:
    """Its annotation names the server that created it."""
    storage = {"dynamic": {"pvcNameTemplate": "claim-{username}"}}
    with start_hub({**NAMED, "singleuser": {"storage": storage}}, **environ) as hub:
        assert start(hub, "ada", "lab") == ""
        assert (
            cluster.get("persistentvolumeclaims/claim-ada")["metadata"]["annotations"][SERVER]
            == "lab"
        )
        assert start(hub, "ada") == ""
        assert mounted(cluster, "jupyter-ada") == ["claim-ada"]
        # the end of the server that created it is not the end of the home
        stop(hub, "ada", "lab")
        hub.api("users/ada/servers/lab", "DELETE", {"remove": True})
        stop(hub, "ada")
        assert start(hub, "ada") == ""


def test_a_claim_without_an_owner_is_used(start_hub, cluster, environ) -> None:
    make_claim(cluster, "claim-ada")
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada") == ""
        assert mounted(cluster, "jupyter-ada") == ["claim-ada"]
        stop(hub, "ada")
        delete(hub, "ada")
        assert "(home-of-deleted-user)" in start(hub, "ada")


def remember(hub_folder: Path, **state: str) -> None:
    """Have the hub's database remember other names for every server."""
    with sqlite3.connect(hub_folder / "jupyterhub.sqlite") as database:
        for number, text in database.execute("select id, state from spawners").fetchall():
            changed = json.dumps({**json.loads(text or "{}"), **state})
            database.execute("update spawners set state=? where id=?", (changed, number))
    database.close()


def test_a_restarted_hub_does_not_adopt_anothers_pod(start_hub, cluster, environ, tmp_path) -> None:
    """As left behind by a release that let two users share a pod."""
    with start_hub({}, **environ) as hub:
        assert start(hub, "bo") == ""
        hub.kill()
    cluster.call("DELETE", "pods/jupyter-bo?gracePeriodSeconds=0")
    deadline = time.monotonic() + 30
    while cluster.names("pods"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    uid = make_pod(cluster, "jupyter-bo", "ada", release="jupyterhub")
    with start_hub({}, **environ) as hub:
        wait_until(lambda: not _servers(hub, "bo"), hub.process, hub.log)
        assert uids(cluster) == {"jupyter-bo": uid}
        assert "(server-of-another)" in start(hub, "bo")
        delete(hub, "bo")
    assert uids(cluster) == {"jupyter-bo": uid}


def test_anothers_claim_that_the_hub_remembers_is_not_used(
    start_hub, cluster, environ, tmp_path
) -> None:
    make_claim(cluster, "claim-ada", "ada")
    with start_hub({}, **environ) as hub:
        assert start(hub, "bo") == ""
        stop(hub, "bo")
    remember(tmp_path / "work", pvc_name="claim-ada")
    with start_hub({}, **environ) as hub:
        assert start(hub, "bo") == ""
        assert mounted(cluster, "jupyter-bo") == ["claim-bo"]
        assert "the claim claim-ada is not this server's home" in hub.log.read_text()
    assert owner(cluster, "persistentvolumeclaims/claim-ada") == "ada"


@pytest.mark.parametrize("of", ["ada-x", "somebody"])
def test_a_legacy_name_is_not_enough(start_hub, cluster, environ, tmp_path, of: str) -> None:
    """KubeSpawner looks for the name of an old slug scheme before it makes a claim."""
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada-x") == ""
        stop(hub, "ada-x")
    cluster.call("DELETE", "persistentvolumeclaims/claim-ada-x")
    make_claim(cluster, "claim-ada-2dx", of)
    with sqlite3.connect(tmp_path / "work" / "jupyterhub.sqlite") as database:
        old = json.dumps({"pod_name": "jupyter-ada-2dx"})
        database.execute("update spawners set state=?", (old,))
    database.close()
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada-x") == ""
        home = "claim-ada-2dx" if of == "ada-x" else "claim-ada-x"
        assert mounted(cluster, "jupyter-ada-x") == [home]


def test_a_claim_that_a_volume_derives_from_a_name_is_checked(start_hub, cluster, environ) -> None:
    make_claim(cluster, "data-bo", "ada")
    make_claim(cluster, "teacher", "ada")
    volumes = [
        {"name": name, "persistentVolumeClaim": {"claimName": claim}}
        for name, claim in (("data", "data-{username}"), ("teacher", "teacher"))
    ]
    values = {"singleuser": {"storage": {"extraVolumes": volumes}}}
    with start_hub(values, **environ) as hub:
        assert "(home-of-another)" in start(hub, "bo")
        # one that the administrator names is mounted for everybody
        assert start(hub, "cy") == ""


def test_another_release_keeps_its_homes_and_pods(start_hub, cluster, environ) -> None:
    make_claim(cluster, "claim-ada", "ada", release="other")
    make_claim(cluster, "course-bo", "bo", release="other")
    uid = make_pod(cluster, "jupyter-cy", "cy", release="other")
    with start_hub({}, **environ) as hub:
        assert "(home-of-another)" in start(hub, "ada")
        assert start(hub, "bo") == ""
        assert mounted(cluster, "jupyter-bo") == ["claim-bo"]
        assert "(server-of-another)" in start(hub, "cy")
        assert "belongs to the release 'other'" in hub.log.read_text()
    assert uids(cluster)["jupyter-cy"] == uid


def test_a_home_of_another_user_id_is_not_this_users(start_hub, cluster, environ) -> None:
    make_claim(cluster, "course-a-alice-41", "alice")
    make_claim(cluster, "course-a-bo", "bo")
    storage = {"dynamic": {"pvcNameTemplate": "course-b-{username}-{userid}"}}
    with start_hub({"singleuser": {"storage": storage}}, **environ) as hub:
        assert start(hub, "alice") == ""
        assert mounted(cluster, "jupyter-alice") == ["course-b-alice-1"]
        assert "(home-ambiguous)" in start(hub, "bo")
        assert "course-a-bo" in hub.log.read_text()


@pytest.mark.parametrize("decision", ["assign", "release"])
def test_a_user_created_again_gets_the_home_only_when_told(
    start_hub, cluster, environ, monkeypatch, decision: str
) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        delete(hub, "sam")
        message = start(hub, "sam")
        assert "(home-of-deleted-user)" in message
        monkeypatch.setenv("KUBECONFIG", environ["KUBECONFIG"])
        words = ["assign", "claim-sam", "sam"] if decision == "assign" else ["release", "claim-sam"]
        result = CliRunner().invoke(main, ["homes", *words])
        assert result.exit_code == 0, result.output
        assert start(hub, "sam") == ""
        home = "claim-sam" if decision == "assign" else "claim-sam----2"
        assert mounted(cluster, "jupyter-sam") == [home]
        stop(hub, "sam")
    # and a hub that has lost its database decides the same
    (hub.log.parent / "work" / "jupyterhub.sqlite").unlink()
    with start_hub({}, **environ) as hub:
        assert start(hub, "sam") == ""
        assert mounted(cluster, "jupyter-sam") == [home]


def test_a_hub_that_may_not_mark_homes_says_so(start_hub, cluster, environ) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        cluster.fault("refuse", verb="patch", resource="persistentvolumeclaims", status=403)
        delete(hub, "sam")
        assert "the claim claim-sam cannot be marked" in hub.log.read_text()


def test_only_own_claims_go_with_their_user(start_hub, cluster, environ) -> None:
    values = {"hub": {"config": {"KubeSpawner": {"delete_pvc": True}}}}
    with start_hub(values, **environ) as hub:
        assert start(hub, ADA) == ""
        stop(hub, ADA)
        assert "(home-of-another)" in start(hub, DOUBLE)
        delete(hub, DOUBLE)
        assert cluster.names("persistentvolumeclaims") == [CLAIM]
        delete(hub, ADA)
        wait_until(lambda: not cluster.names("persistentvolumeclaims"), hub.process, hub.log)


def test_a_claim_named_for_all_users_has_no_owner(start_hub, cluster, environ) -> None:
    storage = {"dynamic": {"pvcNameTemplate": "everybody"}}
    with start_hub({"singleuser": {"storage": storage}}, **environ) as hub:
        for user in ("ada", "bo"):
            assert start(hub, user) == ""
            assert mounted(cluster, f"jupyter-{user}") == ["everybody"]
            stop(hub, user)
        delete(hub, "ada")
        assert start(hub, "bo") == ""
