"""In place of the public chart: each of its objects is there, and can be updated to ours.

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

#: what of each kind cannot be changed once it is there
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
#: what others select by, or connect to
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
    """The public chart's objects but for those that are meant not to be rendered here."""
    out = []
    templates = [doc["spec"].get("template", {}) for doc in manifests if "spec" in doc]
    used = {template.get("spec", {}).get("serviceAccountName") for template in templates}
    for doc in manifests:
        kind, labels = doc["kind"], doc["metadata"]["labels"]
        if kind == "Secret" and labels["component"] == "hub":
            continue  # made in the cluster, by `z2jh secrets ensure`
        if kind == "PodDisruptionBudget" and labels["component"] == "autohttps":
            continue  # the public chart gives it the name of the proxy's
        if kind == "ServiceAccount" and doc["metadata"]["name"] not in used:
            continue  # the public chart gives it another name than its pods ask for
        out.append(doc)
    return out


@of_corpora("configs", "configs/corners")
def test_every_object_has_its_successor(file: Path) -> None:
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
    """Network policies and budgets of others select by them."""
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
