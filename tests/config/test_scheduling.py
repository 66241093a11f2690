"""`scheduling.*`: the nodes on which user pods may and should run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

PURPOSE = {
    "matchExpressions": [
        {"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}
    ]
}


def purpose(word: str) -> str:
    return f"scheduling: {{userPods: {{nodeAffinity: {{matchNodePurpose: {word}}}}}}}"


def test_nodes_for_users_are_preferred(config: Make) -> None:
    spawner = config(purpose("prefer")).KubeSpawner
    assert spawner.node_affinity_preferred == [{"weight": 100, "preference": PURPOSE}]
    assert spawner.node_affinity_required == []


def test_nodes_for_users_are_required(config: Make) -> None:
    spawner = config(purpose("require")).KubeSpawner
    assert spawner.node_affinity_required == [PURPOSE]
    assert spawner.node_affinity_preferred == []


def test_the_purpose_of_nodes_is_ignored(config: Make) -> None:
    spawner = config(purpose("ignore")).KubeSpawner
    assert (spawner.node_affinity_required, spawner.node_affinity_preferred) == ([], [])


def test_a_purpose_that_does_not_exist(problems: Find) -> None:
    key = "scheduling.userPods.nodeAffinity.matchNodePurpose"
    assert problems(purpose("always"))[key].expected == "one of ignore, prefer, require"


@pytest.mark.parametrize(
    ("key", "trait"),
    [
        ("extraNodeAffinity", "node_affinity"),
        ("extraPodAffinity", "pod_affinity"),
        ("extraPodAntiAffinity", "pod_anti_affinity"),
    ],
)
@pytest.mark.parametrize("strength", ["required", "preferred"])
def test_affinities(key: str, trait: str, strength: str, config: Make) -> None:
    spawner = config(f"singleuser: {{{key}: {{{strength}: [{{a: b}}]}}}}").KubeSpawner
    assert spawner[f"{trait}_{strength}"][0] == {"a": "b"}


def test_tolerations(config: Make) -> None:
    tolerations = config("singleuser: {extraTolerations: [{key: a}]}").KubeSpawner.tolerations
    assert [t["key"] for t in tolerations] == [
        "hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated", "a"
    ]  # fmt: skip


def test_no_tolerations(config: Make) -> None:
    assert "tolerations" not in config("scheduling: {userPods: {tolerations: []}}").KubeSpawner


def test_scheduler(config: Make) -> None:
    on = "scheduling: {userScheduler: {enabled: true}}"
    assert config(on).KubeSpawner.scheduler_name == "user-scheduler"
    off = "scheduling: {userScheduler: {enabled: false}}"
    assert "scheduler_name" not in config(off).KubeSpawner


def test_priority(config: Make) -> None:
    text = "scheduling: {podPriority: {enabled: true}}"
    assert config(text).KubeSpawner.priority_class_name == "priority"
    assert "priority_class_name" not in config().KubeSpawner
