"""What the API server fills in."""

from __future__ import annotations

from typing import Any

from z2jh_hub.local.resources import CLAIMS, NAMESPACES, PODS, Resource

Object = dict[str, Any]


def on_create(resource: Resource, obj: Object) -> None:
    if resource is PODS:
        obj["status"] = {"phase": "Pending"}
    elif resource is NAMESPACES:
        obj.setdefault("spec", {})["finalizers"] = ["kubernetes"]
        obj["status"] = {"phase": "Active"}
    elif resource is CLAIMS:
        obj["metadata"]["finalizers"] = ["kubernetes.io/pvc-protection"]
        obj["status"] = {"phase": "Pending"}


def on_update(resource: Resource, new: Object, old: Object) -> None:
    pass
