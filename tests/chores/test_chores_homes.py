"""Which claim is whose home, on the embedded API and on a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from z2jh_hub.chores import homes
from z2jh_hub.chores.kubernetes import Kubernetes
from z2jh_hub.cli import main


def claim(name: str, user: str = "", server: str = "") -> dict[str, Any]:
    annotations = {homes.USER: user, homes.SERVER: server} if user else {}
    return {
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


CLAIMS = [
    claim("claim-bo", "bo"),
    claim("claim-ada", "ada"),
    claim("claim-ada--lab", "ada", "lab"),
    claim("hub-db-dir"),
    claim("claim-bo---1", "bo"),
]


def test_homes_come_by_user_and_several_of_one_server_are_told() -> None:
    found = [(home.user, home.server, home.claim, bool(home.note)) for home in homes.homes(CLAIMS)]
    assert found == [
        ("ada", "", "claim-ada", False),
        ("ada", "lab", "claim-ada--lab", False),
        ("bo", "", "claim-bo", True),
        ("bo", "", "claim-bo---1", True),
    ]


async def test_every_page_is_read(kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "PAGE", "2")
    path = f"/api/v1/namespaces/{kubernetes.namespace}/persistentvolumeclaims"
    for each in CLAIMS:
        await kubernetes.create(path, each)
    assert len(await homes.plan(kubernetes)) == 4


def test_without_a_cluster_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    result = CliRunner().invoke(main, ["homes", "plan"])
    assert result.exit_code == 1
    assert "homes plan: " in result.output


def test_for_people_and_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(chore: Any) -> Any:
        chore.close()
        return homes.homes(CLAIMS)

    monkeypatch.setattr("z2jh_hub.cli.homes.run", answer)
    for_people = CliRunner().invoke(main, ["homes", "plan"]).output
    assert "claim-ada--lab" in for_people
    for_programs = CliRunner().invoke(main, ["homes", "plan", "--format", "json"]).output
    assert json.loads(for_programs)["homes"][1]["server"] == "lab"
