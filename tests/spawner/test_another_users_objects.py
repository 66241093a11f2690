"""Nobody gets, replaces or deletes the home, pod or route of another user, on any path."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest
from support.clusters import Cluster
from support.hubs import wait_until
from support.owners import (
    delete,
    make_claim,
    make_pod,
    mounted,
    owner,
    quoted,
    servers_of,
    start,
    stop,
)
from support.servers import uids

from z2jh_hub.config.ownership import DELETED, SERVER, USER

# both are ada-lovelace---d239a0a8 for KubeSpawner
ADA, DOUBLE = "ada.lovelace", "ada!-@~!.~@=@~..lovelace"
SLUG = "ada-lovelace---d239a0a8"
POD, CLAIM = f"jupyter-{SLUG}", f"claim-{SLUG}"
NAMED = {"hub": {"allowNamedServers": True}}


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
        assert servers_of(hub, ADA)[""]["ready"]
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
        assert hub.api(f"users/{quoted(DOUBLE)}/server", "DELETE")[0] < 500
    assert uids(cluster) == {POD: uid}


def test_a_claim_of_another_that_comes_in_between_is_not_used(start_hub, cluster, environ) -> None:
    """The list of claims is answered before it exists, the creation after: a conflict."""
    snippet = f"""
from kubespawner import KubeSpawner
class Late(KubeSpawner):
    async def _make_create_pvc_request(self, pvc, timeout):
        other = self.get_pvc_manifest()
        other.metadata.annotations["{USER}"] = "another"
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
        wait_until(lambda: not servers_of(hub, "bo"), hub.process, hub.log)
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
        stop(hub, "bo")
    cluster.call("DELETE", "persistentvolumeclaims/claim-bo")
    remember(tmp_path / "work", pvc_name="claim-ada")
    with start_hub({}, **environ) as hub:
        assert "(home-of-another)" in start(hub, "bo")
    assert owner(cluster, "persistentvolumeclaims/claim-ada") == "ada"


@pytest.mark.parametrize("of", ["ada-x", "another"])
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


def test_a_hub_that_may_not_list_claims_gives_no_home_away(start_hub, cluster, environ) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, ADA) == ""
        stop(hub, ADA)
        cluster.fault("refuse", verb="list", resource="persistentvolumeclaims", status=403)
        for options in (None, {"rescue": True}):
            assert "(home-of-another)" in start(hub, DOUBLE, options=options)
            assert cluster.names("pods") == []


def test_the_service_of_another_server_is_not_replaced(start_hub, cluster, environ) -> None:
    """KubeSpawner creates a Service per server, in place of an existing one of its name."""
    code = "c.KubeSpawner.services_enabled = True\nc.KubeSpawner.http_timeout = 3"
    body = {"metadata": {"name": POD, "annotations": {USER: ADA}},
            "spec": {"ports": [{"port": 8888}], "selector": {"of": "ada"}}}  # fmt: skip
    existing = cluster.call("POST", "services", body)["metadata"]["uid"]
    with start_hub({"hub": {"extraConfig": {"services": code}}}, **environ) as hub:
        message = start(hub, DOUBLE)
        assert "(server-of-another)" in message
        assert ADA not in message
        assert cluster.get(f"services/{POD}")["metadata"]["uid"] == existing
        assert f"Service default/{POD} belongs to user '{ADA}'" in hub.log.read_text()
        # its own user's start replaces it, though no DNS leads to it here
        delete(hub, DOUBLE)
        cluster.call("DELETE", f"persistentvolumeclaims/{CLAIM}")
        assert "(no-answer)" in start(hub, ADA)
        remaining = cluster.get(f"services/{POD}")  # None once it has gone with its pod
        assert remaining is None or remaining["metadata"]["uid"] != existing
