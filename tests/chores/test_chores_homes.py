"""Which PVC belongs to which user, with the embedded API and a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from z2jh_hub.chores import ChoreError, homes
from z2jh_hub.chores.kubernetes import Kubernetes
from z2jh_hub.cli import main
from z2jh_hub.config.ownership import ASSIGNED, DELETED, RELEASED, SERVER, USER


def claim(name: str, user: str = "", server: str = "", release: str = "") -> dict[str, Any]:
    annotations = {USER: user, SERVER: server} if user else {}
    labels = {"release": release} if release else {}
    return {
        "metadata": {"name": name, "annotations": annotations, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


CLAIMS = [
    claim("claim-bo", "bo"),
    claim("claim-ada", "ada"),
    claim("claim-ada--lab", "ada", "lab"),
    claim("hub-db-dir"),
    claim("claim-bo---1", "bo"),
]


def test_homes_are_sorted_by_user_and_duplicates_are_noted() -> None:
    result = [(home.user, home.server, home.claim, bool(home.note)) for home in homes.homes(CLAIMS)]
    assert result == [
        ("ada", "", "claim-ada", False),
        ("ada", "lab", "claim-ada--lab", False),
        ("bo", "", "claim-bo", True),
        ("bo", "", "claim-bo---1", True),
    ]


async def test_every_page_is_read(kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("z2jh_hub.chores.kubernetes.PAGE", "2")
    path = f"/api/v1/namespaces/{kubernetes.namespace}/persistentvolumeclaims"
    for each in CLAIMS:
        await kubernetes.create(path, each)
    assert len(await homes.plan(kubernetes)) == 4


async def make(kubernetes: Kubernetes, *claims: dict[str, Any]) -> str:
    """Create claims, and return the path of their collection."""
    path = f"/api/v1/namespaces/{kubernetes.namespace}/persistentvolumeclaims"
    for each in claims:
        await kubernetes.create(path, each)
    return path


async def annotations(kubernetes: Kubernetes, path: str) -> dict[str, str]:
    result: dict[str, str] = (await kubernetes.get(path))["metadata"].get("annotations") or {}
    return result


async def test_a_claim_is_assigned_to_a_users_server(kubernetes: Kubernetes) -> None:
    path = await make(kubernetes, claim("x", "old", "lab"))
    await kubernetes.patch(f"{path}/x", {"metadata": {"annotations": {DELETED: "then"}}})
    assert "user deleted at then" in (await homes.plan(kubernetes))[0].note
    changed = await homes.assign(kubernetes, "x", "new")
    assert changed == "x: assigned to 'new' (before: user 'old', server 'lab')"
    now = await annotations(kubernetes, f"{path}/x")
    assert now.keys() == {USER, ASSIGNED}
    assert now[USER] == "new"
    await homes.assign(kubernetes, "x", "new", "gpu")
    assert (await annotations(kubernetes, f"{path}/x"))[SERVER] == "gpu"


async def test_released_claim_is_unused_until_it_is_assigned(kubernetes: Kubernetes) -> None:
    path = await make(kubernetes, claim("x", "ada"))
    await homes.release(kubernetes, "x")
    (home,) = await homes.plan(kubernetes)
    assert (home.user, "released at" in home.note) == ("ada", True)
    await homes.assign(kubernetes, "x", "ada")
    assert RELEASED not in await annotations(kubernetes, f"{path}/x")


async def test_homes_of_another_release_are_confirmed_together(kubernetes: Kubernetes) -> None:
    path = await make(
        kubernetes, claim("a", "ada", release="old"), claim("b", "bo", "lab", release="old"),
        claim("c", "cy", release="new"), claim("d", release="old"),
    )  # fmt: skip
    assert len(await homes.assign_release(kubernetes, "old")) == 2
    decided = [
        name for name in "abcd" if ASSIGNED in await annotations(kubernetes, f"{path}/{name}")
    ]
    assert decided == ["a", "b"]
    with pytest.raises(ChoreError, match="no claim of the release 'none'"):
        await homes.assign_release(kubernetes, "none")


async def test_missing_claim_is_reported(kubernetes: Kubernetes) -> None:
    with pytest.raises(ChoreError, match="no claim 'nothing' in the namespace"):
        await homes.assign(kubernetes, "nothing", "ada")
    with pytest.raises(ChoreError, match="no claim 'nothing' in the namespace"):
        await homes.release(kubernetes, "nothing")


@pytest.mark.parametrize(
    "words", [[], ["claim"], ["claim", "ada", "--from-release", "x"]], ids=" ".join
)
def test_assign_needs_one_claim_or_one_release(words: list[str]) -> None:
    result = CliRunner().invoke(main, ["homes", "assign", *words])
    assert result.exit_code == 2
    assert "Specify CLAIM and USER, or --from-release NAME" in result.output


def test_missing_cluster_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    result = CliRunner().invoke(main, ["homes", "plan"])
    assert result.exit_code == 1
    assert "homes plan: " in result.output


def test_plan_prints_a_table_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(chore: Any) -> Any:
        chore.close()
        return homes.homes(CLAIMS)

    monkeypatch.setattr("z2jh_hub.cli.homes.run", answer)
    for_people = CliRunner().invoke(main, ["homes", "plan"]).output
    assert "claim-ada--lab" in for_people
    for_programs = CliRunner().invoke(main, ["homes", "plan", "--format", "json"]).output
    assert json.loads(for_programs)["homes"][1]["server"] == "lab"
