"""Each object of the public chart exists in this chart, and can be updated to this chart's.

An object of ours takes the place of the public chart's when both have one name; Kubernetes lets
it be updated when the fields are the same that cannot change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.charts import Objects, read, render
from support.records import deployment, of_corpora, rendered_by_both

pytestmark = pytest.mark.slow

#: fields of each kind that Kubernetes does not allow to change
IMMUTABLE = {
    "Deployment": ["spec.selector"],
    "DaemonSet": ["spec.selector"],
    "StatefulSet": ["spec.selector", "spec.serviceName", "spec.podManagementPolicy"],
    "PersistentVolumeClaim": ["spec.accessModes", "spec.storageClassName", "spec.selector"],
    "RoleBinding": ["roleRef"],
    "ClusterRoleBinding": ["roleRef"],
    "Secret": ["type"],
    "PriorityClass": ["value"],
}
#: fields that other objects select or connect to
PUBLIC = {
    "Service": ["spec.selector", "spec.type", "ports"],
    "NetworkPolicy": ["spec.podSelector"],
    "PodDisruptionBudget": ["spec.selector"],
}


def at(doc: Any, path: str) -> Any:
    if path == "ports":
        return [(p.get("name"), p["port"], p["targetPort"]) for p in doc["spec"]["ports"]]
    for part in path.split("."):
        doc = (doc or {}).get(part)
    return doc


def expected(manifests: list[Any]) -> list[Any]:
    """Return the public chart's objects, except those that this chart omits on purpose."""
    out = []
    templates = [doc["spec"].get("template", {}) for doc in manifests if "spec" in doc]
    used = {template.get("spec", {}).get("serviceAccountName") for template in templates}
    for doc in manifests:
        kind, labels = doc["kind"], doc["metadata"]["labels"]
        if kind == "Secret" and labels["component"] == "hub":
            continue  # `z2jh secrets ensure` creates it in the cluster
        if kind == "PodDisruptionBudget" and labels["component"] == "autohttps":
            continue  # the public chart names it like the proxy's
        if kind == "ServiceAccount" and doc["metadata"]["name"] not in used:
            continue  # the public chart gives it a name that differs from the one in its pods
        out.append(doc)
    return out


@of_corpora("configs", "configs/corners")
def test_every_object_of_the_public_chart_is_rendered(file: Path) -> None:
    manifests = rendered_by_both(file)
    objects: Objects = render(read(file), **deployment(file))
    for theirs in expected(manifests):
        name = f"{theirs['kind']}/{theirs['metadata']['name']}"
        assert name in objects
        ours = objects[name]
        assert ours["apiVersion"] == theirs["apiVersion"]
        for path in IMMUTABLE.get(theirs["kind"], []) + PUBLIC.get(theirs["kind"], []):
            assert at(ours, path) == at(theirs, path), f"{name} {path}"


@of_corpora("configs", "configs/corners")
def test_pods_keep_their_labels(file: Path) -> None:
    """Other network policies and disruption budgets select them."""
    manifests = rendered_by_both(file)
    pods = render(read(file), **deployment(file)).pods()
    for theirs in manifests:
        name = f"{theirs['kind']}/{theirs['metadata']['name']}"
        if name in pods:
            labels = pods[name]["metadata"]["labels"]
            assert labels == theirs["spec"]["template"]["metadata"]["labels"], name


@of_corpora("configs")
def test_real_files_render(file: Path) -> None:
    assert {"Deployment/hub", "Deployment/proxy"} <= set(render(read(file), **deployment(file)))
