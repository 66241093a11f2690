"""`c.Spawner` and `hub.config.Spawner` override the chart's settings of `c.KubeSpawner`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from support import servers
from support.clusters import Cluster
from support.hubs import OWN_CLASS
from support.kubeconfigs import NOWHERE
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from z2jh_hub import configure
from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.config.values import Values

OWN = "from kubespawner import KubeSpawner\nclass Ours(KubeSpawner):\n    pass\n"
OWN += "c.JupyterHub.spawner_class = Ours\n"


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`pod(text, code)`: the pod of ada's server, for some values and a last snippet."""
    (tmp_path / "kubeconfig").write_text(NOWHERE)
    place = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
    monkeypatch.setattr(place, str(tmp_path / "kubeconfig"))
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data

    def make(text: str, code: str = "", own: bool = False) -> Any:
        explicit = yaml.safe_load(text) or {}
        snippets = explicit.setdefault("hub", {}).setdefault("extraConfig", {})
        snippets["zz"] = (OWN if own else "") + code
        c = Config()
        monkeypatch.setattr("os.environ", {})
        configure.build(Values(sources.merge_as_helm(defaults, explicit), given=explicit), c)
        cls = c.JupyterHub.spawner_class
        cls = import_item(cls) if isinstance(cls, str) else cls
        user = SimpleNamespace(
            name="ada", id=1, url="/user/ada/", escaped_name="ada", groups=[], spawners={}
        )

        async def build() -> tuple[Any, Any]:
            spawner = cls(config=c, user=user, _mock=True)
            # without the variables that JupyterHub adds
            monkeypatch.setattr(cls, "get_env", lambda self: dict(self.environment))
            return await spawner.get_pod_manifest(), spawner

        return asyncio.run(build())

    return make


def environment(pod: Any) -> dict[str, Any]:
    return {each.name: each.value for each in pod.spec.containers[0].env}


@pytest.mark.parametrize("own", [False, True], ids=["chart's class", "own class"])
class TestPods:
    def test_spawner_in_hub_config_overrides_the_chart(
        self, pod: Callable[..., Any], own: bool
    ) -> None:
        text = """
            singleuser: {memory: {guarantee: 1G}, extraEnv: {FROM_CHART: "1"}}
            hub: {config: {Spawner: {
              mem_guarantee: 2G, environment: {EDITOR: vim}, default_url: /lab, start_timeout: 77}}}
            """
        made, spawner = pod(text, own=own)
        container = made.spec.containers[0]
        assert int(container.resources.requests["memory"]) == 2 * 2**30
        assert environment(made) == {"FROM_CHART": "1", "EDITOR": "vim"}
        assert (spawner.default_url, spawner.start_timeout) == ("/lab", 77)

    def test_spawner_in_code_overrides_the_chart(self, pod: Callable[..., Any], own: bool) -> None:
        text = "singleuser: {memory: {guarantee: 1G, limit: 3G}, cpu: {limit: 1}}"
        code = "c.Spawner.mem_guarantee = '2G'\nc.Spawner.cpu_limit = 2\n"
        made, _ = pod(text, code, own=own)
        resources = made.spec.containers[0].resources
        assert int(resources.requests["memory"]) == 2 * 2**30
        assert float(resources.limits["cpu"]) == 2
        assert int(resources.limits["memory"]) == 3 * 2**30

    @pytest.mark.parametrize(
        "code",
        [
            "c.Spawner.mem_guarantee = '2G'\nc.KubeSpawner.mem_guarantee = '4G'",
            "c.KubeSpawner.mem_guarantee = '4G'\nc.Spawner.mem_guarantee = '2G'",
        ],
    )
    def test_kubespawner_in_code_overrides_spawner_in_code(
        self, code: str, pod: Callable[..., Any], own: bool
    ) -> None:
        made, _ = pod("singleuser: {memory: {guarantee: 1G}}", code, own=own)
        assert int(made.spec.containers[0].resources.requests["memory"]) == 4 * 2**30

    def test_kubespawner_in_hub_config_overrides_spawner_in_hub_config(
        self, pod: Callable[..., Any], own: bool
    ) -> None:
        text = """
            singleuser: {memory: {guarantee: 1G}, extraEnv: {A: chart}}
            hub: {config: {KubeSpawner: {mem_guarantee: 4G, environment: {A: kube}},
                           Spawner: {mem_guarantee: 2G, environment: {A: all, B: all}}}}
            """
        made, _ = pod(text, own=own)
        assert int(made.spec.containers[0].resources.requests["memory"]) == 4 * 2**30
        assert environment(made) == {"A": "kube", "B": "all"}

    def test_kubespawner_in_hub_config_overrides_spawner_in_code(
        self, pod: Callable[..., Any], own: bool
    ) -> None:
        text = "hub: {config: {KubeSpawner: {mem_guarantee: 4G}}}"
        made, _ = pod(text, "c.Spawner.mem_guarantee = '2G'", own=own)
        assert int(made.spec.containers[0].resources.requests["memory"]) == 4 * 2**30

    @pytest.mark.parametrize("name", ["Spawner", "KubeSpawner"])
    @pytest.mark.parametrize(
        "change",
        [
            "NAME += {'MINE': '1'}",
            "NAME.update({'MINE': '1'})",
            "NAME.update(MINE='1')",
            "NAME['MINE'] = '1'",
            "NAME.setdefault('MINE', '1')",
            "NAME = {**NAME, 'MINE': '1'}",
            "NAME = dict(NAME, MINE='1')",
        ],
    )
    def test_variables_that_code_adds_are_in_the_pod(
        self, change: str, name: str, pod: Callable[..., Any], own: bool
    ) -> None:
        code = change.replace("NAME", f"c.{name}.environment")
        made, _ = pod("singleuser: {extraEnv: {FROM_CHART: '1'}}", code, own=own)
        assert environment(made) == {"FROM_CHART": "1", "MINE": "1"}

    @pytest.mark.parametrize("name", ["Spawner", "KubeSpawner"])
    def test_environment_that_code_replaces_is_replaced(
        self, name: str, pod: Callable[..., Any], own: bool
    ) -> None:
        code = f"c.{name}.environment = {{'MINE': '1'}}"
        made, _ = pod("singleuser: {extraEnv: {FROM_CHART: '1'}}", code, own=own)
        assert environment(made) == {"MINE": "1"}

    def test_list_that_code_extends_keeps_the_charts_entries(
        self, pod: Callable[..., Any], own: bool
    ) -> None:
        volume = "{'name': 'mine', 'emptyDir': {}}"
        for code in (
            f"c.Spawner.volumes.append({volume})",
            f"c.Spawner.volumes.extend([{volume}])",
        ):
            made, _ = pod("{singleuser: {storage: {type: dynamic}}}", code, own=own)
            names = [each["name"] for each in made.to_dict()["spec"]["volumes"]]
            assert len(names) == 2
            assert "mine" in names


def test_a_hub_starts_with_the_snippet_of_the_2018_guide(
    start_hub: Callable[..., Any], cluster: Cluster
) -> None:
    code = "import time\nc.Spawner.environment += {\n  'CURRENT_TIME': str(time.time())\n}\n"
    values = {
        "singleuser": {"extraEnv": {"FROM_CHART": "1"}},
        "hub": {"extraConfig": {"00": code, "01": OWN_CLASS}},
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        servers.begin(hub, ["ada"])
        (pod,) = cluster.get("pods")["items"]
    names = {each["name"] for each in pod["spec"]["containers"][0]["env"]}
    assert {"CURRENT_TIME", "FROM_CHART", "OURS"} <= names
