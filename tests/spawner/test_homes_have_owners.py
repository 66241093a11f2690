"""A home stays its owner's: after the user is deleted, and beside another release or id."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from support.clusters import Cluster
from support.hubs import wait_until
from support.owners import (
    delete,
    make_claim,
    make_pod,
    mounted,
    start,
    stop,
)
from support.servers import uids

from z2jh_hub.cli import main

ADA, DOUBLE = "ada.lovelace", "ada!-@~!.~@=@~..lovelace"
SLUG = "ada-lovelace---d239a0a8"
POD, CLAIM = f"jupyter-{SLUG}", f"claim-{SLUG}"
NAMED = {"hub": {"allowNamedServers": True}}


@pytest.fixture
def environ(cluster: Cluster) -> dict[str, str]:
    return {"KUBECONFIG": str(cluster.kubeconfig)}


def test_a_claim_without_an_owner_is_used(start_hub, cluster, environ) -> None:
    make_claim(cluster, "claim-ada")
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada") == ""
        assert mounted(cluster, "jupyter-ada") == ["claim-ada"]
        stop(hub, "ada")
        delete(hub, "ada")
        assert "(home-of-deleted-user)" in start(hub, "ada")


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


def test_a_renamed_user_keeps_the_home_by_an_administrators_decision(
    start_hub, cluster, environ, monkeypatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", environ["KUBECONFIG"])
    with start_hub({}, **environ) as hub:
        assert start(hub, "miss-hopper") == ""
        stop(hub, "miss-hopper")
        assert hub.api("users/miss-hopper", "PATCH", {"name": "grace"})[0] == 200
        assert "(home-of-another)" in start(hub, "grace")
        words = ["homes", "assign", "claim-miss-hopper", "grace"]
        assert CliRunner().invoke(main, words).exit_code == 0
        assert start(hub, "grace") == ""
        assert mounted(cluster, "jupyter-grace") == ["claim-miss-hopper"]
