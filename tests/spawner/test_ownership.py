"""The rule that says who owns a claim or a pod."""

from __future__ import annotations

from typing import Any

import pytest

from z2jh_hub.config.ownership import (
    ASSIGNED,
    DELETED,
    RELEASED,
    SERVER,
    USER,
    Claimant,
    Owner,
    new_name,
    per_user,
)


def metadata(name: str = "x", release: str = "", **annotations: str) -> dict[str, Any]:
    keys = {"user": USER, "server": SERVER, "deleted": DELETED, "released": RELEASED,
            "assigned": ASSIGNED}  # fmt: skip
    labels = {"release": release} if release else {}
    named = {keys[key]: value for key, value in annotations.items()}
    return {"name": name, "annotations": named, "labels": labels}


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        (metadata(), None),
        ({"name": "x"}, None),
        ({"name": "x", "annotations": None, "labels": None}, None),
        (metadata(user="al", server="ice"), None),
        (metadata(user="al", server="ice", release="ours"), None),
        (metadata(user="alice"), "user"),
        (metadata(user="AL", server="ice"), "user"),
        (metadata(user="al"), "server"),
        (metadata(user="al", server="lab"), "server"),
        (metadata(user="al", server="ice", release="other"), "release"),
        (metadata(user="al", server="ice", release="other", assigned="t"), None),
        (metadata(user="al", server="ice", deleted="t"), "deleted"),
        (metadata(deleted="t"), "deleted"),
        (metadata(user="al", server="ice", released="t"), "released"),
        (metadata(user="alice", server="ice", assigned="t"), "user"),
    ],
)
def test_annotations_decide_and_their_absence_does_not(result, cause):
    objection = Claimant(Owner("al", "ice"), release="ours").objection(result)
    assert (objection and objection.cause) == cause


def test_a_shared_home_names_the_server_that_created_it():
    claimant = Claimant(Owner("al", "ice"), each_server=False)
    assert claimant.objection(metadata(user="al", server="lab")) is None
    assert claimant.objection(metadata(user="alice", server="ice")) is not None


@pytest.mark.parametrize(
    ("template", "name", "user_id", "kind"),
    [
        ("claim-{username}", "claim-al-2e1", "7", "certain"),
        ("claim-{username}", "home-alice-1", "7", "doubtful"),
        ("claim-{username}", "home-alice-7", "7", "certain"),
        ("claim-{username}", "home-alice", "7", "certain"),
        ("claim-{username}", "claim-al-1---d239a0a8", "7", "certain"),
        ("claim-{username}", "claim-al-1---12345678", "7", "certain"),
        ("claim-{username}", "claim-al-1----2", "7", "certain"),
        ("year-2027-{username}", "2027-al-1", "7", "certain"),
        ("year-2027-{username}", "2026-al-1", "7", "doubtful"),
        ("b-{username}-{userid}", "a-al-1-1", "7", "other"),
        ("b-{username}-{userid}", "a-al-1-7", "7", "certain"),
        ("b-{username}-{userid}", "a-al-1", "7", "doubtful"),
        ("b-{username}-{userid}", "hub2-al-1-7", "7", "certain"),
    ],
)
def test_a_number_in_a_name_is_that_of_a_user(template, name, user_id, kind):
    user = "alice" if "alice" in name else "al-1"
    slugs = frozenset({"alice", "al-1", "al-2e1"})
    claimant = Claimant(Owner(user), user_id=user_id, slugs=slugs)
    result = claimant.homes_among([{"metadata": metadata(name, user=user)}], template)
    expected = {kind: [name]} if kind != "other" else {}
    groups = {"certain": result.certain, "doubtful": result.doubtful, "deleted": result.deleted}
    assert {key: names for key, names in groups.items() if names} == expected


def test_an_administrators_decision_is_no_longer_doubtful():
    claim = {"metadata": metadata("home-41", user="al", assigned="t", release="other")}
    claimant = Claimant(Owner("al"), release="ours", user_id="7")
    assert claimant.homes_among([claim], "c-{username}-{userid}").certain == ["home-41"]


@pytest.mark.parametrize(
    ("template", "personal"),
    [
        ("claim-{username}", True),
        ("claim-{user_server}", True),
        ("claim-{unescaped_username}", True),
        ("{userid}", True),
        ("everybody", False),
        ("claim-{servername}", False),
        ("claim-{", False),
    ],
)
def test_a_template_says_whether_each_user_has_a_home(template, personal):
    assert per_user(template) is personal


def test_a_new_name_is_one_that_no_slug_can_be():
    assert new_name("claim-al", {"claim-al", "claim-al----2"}) == "claim-al----3"
