"""Nobody gets the home of a user who had the same name before, however that user went."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from jupyterhub import orm
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from support.owners import delete, make_claim, mounted, start, stop

from z2jh_hub.cli import main
from z2jh_hub.spawner import former_users


@pytest.fixture
def environ(cluster, monkeypatch) -> dict[str, str]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    return {"KUBECONFIG": str(cluster.kubeconfig)}


FAULTS: dict[str, dict[str, Any]] = {
    "no answer": {"verb": "list", "status": 500},
    "no list": {"verb": "list", "status": 403},
    "no patch": {"verb": "patch", "status": 500},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_deletion_that_kubernetes_did_not_see_is_remembered(
    start_hub, cluster, environ, fault
) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        cluster.fault("refuse", resource="persistentvolumeclaims", **fault)
        delete(hub, "sam")
        cluster.heal()
    with start_hub({}, **environ) as hub:
        assert "(home-of-deleted-user)" in start(hub, "sam")
        assert CliRunner().invoke(main, ["homes", "assign", "claim-sam", "sam"]).exit_code == 0
        assert start(hub, "sam") == ""
        assert mounted(cluster, "jupyter-sam") == ["claim-sam"]


def test_a_hub_that_may_not_mark_homes_gives_none_away(start_hub, cluster, environ) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        cluster.fault("refuse", verb="patch", resource="persistentvolumeclaims", status=403)
        delete(hub, "sam")
        for _ in range(2):
            assert "(home-of-deleted-user)" in start(hub, "sam")
        cluster.heal()  # for the administrator, who decides before anything marks it
        assert CliRunner().invoke(main, ["homes", "release", "claim-sam"]).exit_code == 0
        assert start(hub, "sam") == ""
        assert mounted(cluster, "jupyter-sam") == ["claim-sam----2"]


def test_the_next_user_of_a_renamed_users_name_does_not_get_the_home(
    start_hub, cluster, environ
) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada") == ""
        stop(hub, "ada")
        assert hub.api("users/ada", "PATCH", {"name": "grace"})[0] == 200
        assert "(home-of-deleted-user)" in start(hub, "ada")
        assert CliRunner().invoke(main, ["homes", "assign", "claim-ada", "grace"]).exit_code == 0
        assert start(hub, "grace") == ""
        assert mounted(cluster, "jupyter-grace") == ["claim-ada"]
        assert start(hub, "ada") != ""


def test_a_user_with_a_running_server_is_not_renamed(start_hub, cluster, environ) -> None:
    """The hub would take the pod for another user's, and leave it running."""
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada") == ""
        status, answer = hub.api("users/ada", "PATCH", {"name": "grace"})
        assert status == 409
        assert "ada has a running server" in answer["message"]
        assert hub.api("users/ada")[0] == 200
        stop(hub, "ada")
        assert cluster.names("pods") == []
        assert hub.api("users/ada", "PATCH", {"name": "grace"})[0] == 200


def test_a_user_who_gets_the_name_back_keeps_the_home(start_hub, cluster, environ) -> None:
    with start_hub({}, **environ) as hub:
        assert start(hub, "ada") == ""
        stop(hub, "ada")
        hub.api("users/ada", "PATCH", {"name": "grace"})
        hub.api("users/grace", "PATCH", {"name": "ada"})
        assert start(hub, "ada") == ""
        assert mounted(cluster, "jupyter-ada") == ["claim-ada"]


def test_a_new_users_own_claim_is_used(start_hub, cluster, environ) -> None:
    values = {"hub": {"config": {"KubeSpawner": {"delete_pvc": True}}}}
    with start_hub(values, **environ) as hub:
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        delete(hub, "sam")
        assert start(hub, "sam") == ""
        stop(hub, "sam")
        assert start(hub, "sam") == ""
        make_claim(cluster, "claim-bo", "bo")
        assert start(hub, "bo") == ""


def test_every_deletion_is_recorded_and_a_reused_id_is_nobody() -> None:
    former_users.install()
    engine = create_engine("sqlite://")
    orm.Base.metadata.create_all(engine)
    with Session(engine) as db:
        ada = orm.User(name="ada")
        db.add(ada)
        db.commit()
        first = ada.id
        ada.name = "grace"
        db.commit()
        assert former_users.until(db, "ada") is not None
        db.delete(ada)  # as `delete_invalid_users` does
        db.commit()
        assert former_users.until(db, "grace") is not None
        other = orm.User(name="bo")
        db.add(other)
        db.commit()
        assert other.id == first
        other.name = "ada"
        db.commit()
        assert former_users.until(db, "ada") is not None
        former_users.forget(db, "ada")
        assert former_users.until(db, "ada") is None
