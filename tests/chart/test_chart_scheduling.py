"""The user scheduler, placeholders and priorities."""

from __future__ import annotations

import yaml
from support.charts import render


def test_the_scheduler_fills_nodes() -> None:
    objects = render()
    config = yaml.safe_load(objects["ConfigMap/user-scheduler"]["data"]["config.yaml"])
    (profile,) = config["profiles"]
    assert profile["schedulerName"] == "my-release-user-scheduler"
    (fit,) = [p for p in profile["pluginConfig"] if p["name"] == "NodeResourcesFit"]
    assert fit["args"]["scoringStrategy"]["type"] == "MostAllocated"
    assert config["leaderElection"]["resourceNamespace"] == "my-namespace"


def test_lease_is_named_and_in_the_releases_namespace() -> None:
    objects = render()
    lock = yaml.safe_load(objects["ConfigMap/user-scheduler"]["data"]["config.yaml"])
    rules = objects["Role/user-scheduler"]["rules"]
    assert rules[1]["resourceNames"] == [lock["leaderElection"]["resourceName"]]
    of_cluster = objects["ClusterRole/my-release-user-scheduler"]["rules"]
    assert not [rule for rule in of_cluster if "leases" in rule["resources"]]


def test_user_pods_and_placeholders_use_the_scheduler() -> None:
    assert render().pod("StatefulSet/user-placeholder")["schedulerName"] == (
        "my-release-user-scheduler"
    )
    off = render("scheduling: {userScheduler: {enabled: false}}")
    assert "schedulerName" not in off.pod("StatefulSet/user-placeholder")
    assert not [name for name in off if "user-scheduler" in name]


def test_placeholder_requests_what_a_user_pod_requests() -> None:
    values = """
    singleuser:
      cpu: {guarantee: 0.5, limit: 2}
      memory: {guarantee: 1G, limit: 2G}
      extraResource: {limits: {nvidia.com/gpu: 1}}
    """
    assert render(values).container("StatefulSet/user-placeholder")["resources"] == {
        "requests": {"cpu": 0.5, "memory": "1G"},
        "limits": {"cpu": 2, "memory": "2G", "nvidia.com/gpu": "1"},
    }
    own = "scheduling: {userPlaceholder: {resources: {requests: {memory: 9G}}}}"
    resources = render(own).container("StatefulSet/user-placeholder")["resources"]
    assert resources == {"requests": {"memory": "9G"}}


def test_priorities() -> None:
    objects = render("scheduling: {podPriority: {enabled: true, globalDefault: true}}")
    classes = {
        name.removeprefix("PriorityClass/my-release-"): (doc["value"], doc["globalDefault"])
        for name, doc in ((name, objects[name]) for name in objects)
        if doc["kind"] == "PriorityClass"
    }
    assert classes == {
        "default-priority": (0, True),
        "image-puller-priority": (-5, False),
        "user-placeholder-priority": (-10, False),
    }
    assert not [name for name in render() if name.startswith("PriorityClass")]
