"""Overrides of security contexts and resources keep what they do not set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kubernetes_asyncio.client import V1PodSecurityContext, V1ResourceRequirements

from z2jh_hub.spawner import Z2JHKubeSpawner
from z2jh_hub.spawner.pod_overrides import DEFAULT_CONTAINER, merged, resources

Make = Callable[..., Z2JHKubeSpawner]
CHART: dict[str, Any] = {
    "fs_gid": 100,
    "uid": 1000,
    "allow_privilege_escalation": False,
    "mem_limit": "2G",
    "mem_guarantee": "1G",
    "cpu_limit": 2,
}
SELINUX = {"level": "s0:c1,c2"}


async def pod(spawner: Make, **traits: Any) -> Any:
    made = spawner("ada", **{**CHART, **traits})
    manifest = await made.get_pod_manifest()
    # the traits stay as they are for the next start
    for name in ("extra_pod_config", "extra_container_config"):
        assert getattr(made, name) == traits.get(name, {})
    return manifest


@pytest.mark.parametrize("key", ["securityContext", "security_context"])
@pytest.mark.parametrize(
    "value", [{"seLinuxOptions": SELINUX}, V1PodSecurityContext(se_linux_options=SELINUX)]
)
async def test_a_pods_security_context_is_merged(spawner: Make, key: str, value: Any) -> None:
    result = await pod(spawner, extra_pod_config={key: value, "dnsPolicy": "Default"})
    assert result.spec.security_context == {"fsGroup": 100, "seLinuxOptions": SELINUX}
    assert result.spec.dns_policy == "Default"


async def test_a_servers_security_context_is_merged(spawner: Make) -> None:
    config = {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}}
    result = (await pod(spawner, extra_container_config=config)).spec.containers[0]
    assert result.security_context["runAsUser"] == 1000
    assert result.security_context["allowPrivilegeEscalation"] is False
    assert result.security_context["capabilities"] == {"drop": ["ALL"], "add": ["CHOWN"]}


@pytest.mark.parametrize("as_model", [True, False])
async def test_resources_are_merged(spawner: Make, as_model: bool) -> None:
    gpu = {"limits": {"nvidia.com/gpu": 1}}
    given = V1ResourceRequirements(**gpu) if as_model else gpu
    result = await pod(spawner, extra_container_config={"resources": given})
    limits = result.spec.containers[0].resources["limits"]
    assert limits == {"cpu": 2, "memory": 2 * 2**30, "nvidia.com/gpu": 1}


def test_theirs_wins_for_each_field_and_null_takes_away() -> None:
    ours = {"fsGroup": 100, "a": {"b": 1, "c": 2}}
    theirs = {"fsGroup": None, "a": {"b": 3}, "d": 4}
    assert merged(ours, theirs) == {"a": {"b": 3, "c": 2}, "d": 4}
    assert ours == {"fsGroup": 100, "a": {"b": 1, "c": 2}}


def test_a_lower_limit_does_not_stay_below_the_charts_request() -> None:
    ours = {"requests": {"memory": "1G", "cpu": 1}, "limits": {"memory": "2G"}}
    assert resources(ours, {"limits": {"memory": "512Mi"}}) == {
        "requests": {"cpu": 1},
        "limits": {"memory": "512Mi"},
    }


async def test_a_profiles_override_is_merged(spawner: Make) -> None:
    override = {"extra_pod_config": {"securityContext": {"supplementalGroups": [7]}}}
    made = spawner("ada", **CHART, profile_list=[
        {"display_name": "P", "slug": "p", "kubespawner_override": override}
    ], options={"profile": "p"})  # fmt: skip
    await made.load_user_options()
    result = await made.get_pod_manifest()
    assert result.spec.security_context == {"fsGroup": 100, "supplementalGroups": [7]}


async def test_kubectl_takes_the_server_unless_told_otherwise(spawner: Make) -> None:
    result = await pod(spawner, extra_containers=[{"name": "other", "image": "i"}])
    assert result.metadata.annotations[DEFAULT_CONTAINER] == "notebook"
    result = await pod(spawner, extra_annotations={DEFAULT_CONTAINER: "other"})
    assert result.metadata.annotations[DEFAULT_CONTAINER] == "other"
