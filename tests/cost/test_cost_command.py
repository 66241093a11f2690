"""`z2jh cost` with real values: pods of the spawner, output, exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from z2jh_hub import sandbox
from z2jh_hub.cli import main

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import cost_examples  # noqa: E402

pytestmark = pytest.mark.processes
GIB = 1024**3

VALUES = """\
hub:
  config:
    JupyterHub: {authenticator_class: 'null'}
  extraConfig:
    more: c.KubeSpawner.cpu_guarantee = 0.5
singleuser:
  memory: {guarantee: 2G, limit: 4G}
  storage: {capacity: 5Gi}
  extraContainers:
    sidecar:
      name: sidecar
      image: busybox
      resources: {requests: {memory: 512Mi}}
  profileList:
    - {display_name: Plain, slug: plain}
    - display_name: Large
      slug: large
      allowed_groups: [staff]
      profile_options:
        size:
          display_name: Size
          choices:
            m: {display_name: M, default: true, kubespawner_override: {mem_guarantee: 4G}}
            l: {display_name: L, kubespawner_override: {mem_guarantee: 8G}}
    - display_name: GPU
      slug: gpu
      kubespawner_override: {extra_resource_limits: {nvidia.com/gpu: "1"}}
scheduling:
  userPlaceholder: {enabled: true, replicas: 3}
cull: {timeout: 1800, every: 60}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.yaml").write_text(VALUES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cost(*words: str) -> Result:
    return CliRunner().invoke(main, ["cost", *words])


def answer(*words: str) -> Any:
    result = cost("config.yaml", "--format", "json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_requests_are_those_of_the_pods_that_the_spawner_creates() -> None:
    shares = ("--share", "plain=2", "--share", "large=1", "--share", "large,size=l=1")
    plain, large, largest = answer(*shares)["servers"]
    assert plain["requests"]["memory"] == 2.5 * GIB
    assert plain["requests"]["cpu"] == 0.5
    assert plain["limits"]["memory"] == 4 * GIB
    assert (plain["homes"], plain["requests"]["volumes"]) == ([5 * GIB], 1)
    assert large["requests"]["memory"] == 4.5 * GIB
    assert largest["requests"]["memory"] == 8.5 * GIB
    assert [kind["share"] for kind in (plain, large, largest)] == [0.5, 0.25, 0.25]


def test_gpu_profile_gets_a_node_type_with_a_gpu() -> None:
    data = answer("--share", "gpu=1")
    assert [server["node"] for server in data["servers"]] == ["g2-standard-4"]
    # placeholders are like servers of the default profile
    assert {node["node"] for node in data["nodes"]} == {"g2-standard-4", "e2-standard-4"}
    assert any(note.startswith("servers of gpu run on g2-standard-4") for note in data["notes"])


def test_default_profile_and_its_note() -> None:
    data = answer()
    assert [server["name"] for server in data["servers"]] == ["plain"]
    assert "all users are assumed to start the default profile, plain" in data["notes"][0]


def test_node_type_comes_from_the_node_selector() -> None:
    label = "singleuser.nodeSelector.node\\.kubernetes\\.io/instance-type"
    known = answer("--set", f"{label}=e2-highmem-8")
    assert [server["node"] for server in known["servers"]] == ["e2-highmem-8"]
    other = answer("--set", "singleuser.nodeSelector.pool=users")
    assert [server["node"] for server in other["servers"]] == ["e2-standard-4"]
    assert any("select nodes with the labels pool=users" in note for note in other["notes"])


def test_shares_can_be_in_the_values() -> None:
    data = answer("--set", "custom.cost.shares.large=3", "--set", "custom.cost.shares.plain=1")
    assert {server["name"]: server["share"] for server in data["servers"]} == {
        "large": 0.75, "plain": 0.25,
    }  # fmt: skip


def test_without_isolation_the_values_alone_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise sandbox.NotIsolated(sandbox.NOT_RUN)

    with_code = answer("--share", "large,size=l=1", "--share", "gpu=1")
    monkeypatch.setattr(sandbox, "run", refuse)
    data = answer("--share", "large,size=l=1", "--share", "gpu=1")
    assert "--run-anyway" in data["notes"][0]
    for before, after in zip(with_code["servers"], data["servers"], strict=True):
        before["requests"]["memory"] -= 0.5 * GIB  # the sidecar
        before["requests"]["cpu"] -= 0.5  # the snippet
        assert {k: v for k, v in after["requests"].items() if v} == {
            k: v for k, v in before["requests"].items() if v
        }
        assert after["homes"] == before["homes"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--share", "plane=1"),
            "there is no profile 'plane'; the profiles are: plain, large, gpu",
        ),
        (("--share", "plane=1"), "did you mean plain?"),
        (("--share", "plain"), "'plain' is not of the form PROFILE=NUMBER"),
        (("--share", "plain=-1"), "is not of the form"),
        (("--share", "plain=nan"), "is not of the form"),
        (("--share", "plain=0"), "at least one share must be more than 0"),
        (
            ("--share", "large,disk=l=1"),
            "the profile 'large' has no option 'disk'; there are: size",
        ),
        (("--share", "large,size=xl=1"), "the option 'size' of 'large' has no choice 'xl'; there"),
        (("--share", "plain,size=l=1"), "the profile 'plain' has no option 'size'; it has none"),
        (("--share", "large,size=1"), "expected --share large,OPTION=CHOICE=NUMBER"),
        (("--users", "0"), "--users"),
        (("--pattern", "class", "--from-usage", "f"), "--pattern and --from-usage exclude each"),
        (("--provider", "gcp", "--nodes", "f"), "--provider and --nodes exclude each other"),
        (("--pattern", "none.csv"), "none.csv cannot be read"),
        (("--nodes", "none.yaml"), "none.yaml cannot be read"),
        (("--nodes", "config.yaml"), "the key provider is missing"),
        (("--node", "e2-standrd-4"), "did you mean e2-standard-4?"),
        (("--from-usage", "config.yaml"), "config.yaml has no measured servers"),
        (("--set", "custom.cost.shares.plain=many"), "custom.cost.shares.plain (--set): the share"),
        (("--set", "custom.cost.shares=3"), "expected: a mapping of profiles to numbers"),
        (("--set", "singleuser.memory.guarantee=lots"), "singleuser.memory.guarantee"),
        (
            ("--set", "singleuser.memory=null", "--set", "singleuser.cpu.guarantee=99"),
            "no node type of the prices has room",
        ),
    ],
)
def test_mistake_exits_2_with_a_message(words: tuple[str, ...], message: str) -> None:
    result = cost("config.yaml", *words)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_prices_can_be_printed_changed_and_used(folder: Path) -> None:
    printed = cost("--provider", "aws", "--show-prices")
    assert printed.exit_code == 0
    (folder / "prices.yaml").write_text(printed.stdout.replace("hour: 0.214", "hour: 0.428"))
    words = ("--pattern", "always", "--node", "m6i.xlarge")
    before, after = answer("--provider", "aws", *words), answer("--nodes", "prices.yaml", *words)
    nodes = before["nodes"][0]["hours"]
    rise = after["month"]["components"]["user nodes"] - before["month"]["components"]["user nodes"]
    assert rise == pytest.approx(nodes * 0.214, abs=0.5)


def test_core_pods_load_balancer_and_database_come_from_the_values() -> None:
    base = answer()["month"]["components"]
    sets = (
        "hub.resources.requests.memory=6Gi", "proxy.chp.resources.requests.memory=4Gi",
        "hub.db.type=sqlite-memory", "proxy.service.type=ClusterIP",
    )  # fmt: skip
    changed = answer(*(word for each in sets for word in ("--set", each)))["month"]["components"]
    assert changed["core nodes"] == pytest.approx(2 * base["core nodes"], abs=0.02)
    assert (base["load balancer"], changed["load balancer"]) == (22, 0)
    assert base["disks"] - changed["disks"] == pytest.approx(0.11)


def test_examples_of_the_page_are_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make reference` writes them again."""
    monkeypatch.chdir(ROOT)
    text = cost_examples.PAGE.read_text("utf-8")
    assert len(cost_examples.EXAMPLE.findall(text)) == 2
    assert cost_examples.page(text) == text
