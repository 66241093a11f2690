"""Each fault of a release gives one finding, and a healthy release gives none."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doctor.faults import FAULTS, INGRESS_FAULTS
from doctor.faults_of_access import certificate
from doctor.worlds import World, healthy
from support.charts import SCENARIOS, read

from z2jh_hub.doctor.checks import claims, pod_problems

INGRESS = {
    "proxy": {"service": {"type": "ClusterIP"}},
    "ingress": {"enabled": True, "hosts": ["hub.example.org"], "ingressClassName": "nginx",
                "tls": [{"hosts": ["hub.example.org"], "secretName": "hub-tls"}]},
}  # fmt: skip
ROOT = Path(__file__).parents[2]


def https() -> World:
    world = healthy()
    world.certificates["proxy-public-tls-acme"] = [certificate(60)]
    return world


def ingress() -> World:
    world = healthy(INGRESS)
    world.objects["secrets"].append({"metadata": {"name": "hub-tls"}})
    world.certificates["hub-tls"] = [certificate(60)]
    return world


@pytest.mark.parametrize("make", [https, ingress], ids=["https", "ingress"])
def test_healthy_release_has_no_finding(make: Callable[[], World]) -> None:
    assert make().findings() == []


def test_refused_requests_of_users_are_no_finding() -> None:
    world = https()
    world.logs["hub-0"] = "[W JupyterHub proxy:1] 403 GET /hub/admin (ada) HTTP 403: Forbidden\n"
    assert world.findings() == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_no_scenario_of_the_chart_has_an_error_when_it_runs(file: Any) -> None:
    world = healthy(read(file))
    world.labels = {}
    ids = {finding.id for finding in world.findings() if finding.severity == "error"}
    assert ids <= {"tls-secret-missing", "no-certificate", "ingress-class-missing",
                   "secret-missing"}, world.findings()  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "fault"), FAULTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_each_fault_gives_exactly_its_finding(
    expected: str, fault: Callable[[World], None]
) -> None:
    world = https()
    fault(world)
    check_only(world, expected)


@pytest.mark.parametrize(
    ("expected", "fault"), INGRESS_FAULTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_each_fault_behind_an_ingress_gives_exactly_its_finding(
    expected: str, fault: Callable[[World], None]
) -> None:
    world = ingress()
    fault(world)
    check_only(world, expected)


def check_only(world: World, expected: str) -> None:
    findings = world.findings()
    assert [finding.id for finding in findings] == [expected], findings
    (finding,) = findings
    assert finding.message
    assert finding.consequence
    assert finding.fix


def test_every_finding_is_documented_and_tested() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page.partition("## Findings")[2], re.MULTILINE)
    documented = set(re.findall(r"`([a-z-]+)`", " ".join(rows)))
    assert documented == {expected for expected, _ in (*FAULTS, *INGRESS_FAULTS)}


def test_every_id_in_the_code_is_documented() -> None:
    tested = {expected for expected, _ in (*FAULTS, *INGRESS_FAULTS)}
    assert ids_in_code() | claims._TEXTS.keys() | pod_problems._FIXES.keys() <= tested


def ids_in_code() -> set[str]:
    """Return the constants that are the first argument of `Finding`."""
    calls = [
        node
        for file in Path(claims.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args
    ]
    return {
        node.value
        for call in calls
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
