"""Remove null entries from maps whose keys are names that the administrator chooses.

With null, a values file removes an entry of an earlier file. `tools/chart_tables.py` writes the
first two lists for the templates of the chart (`jupyterhub.withoutNulls`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: the last part of a value's key
NAMED = frozenset(
    {
        "annotations",
        "choices",
        "containerSecurityContext",
        "daemonsetAnnotations",
        "extraAnnotations",
        "extraConfig",
        "extraContainers",
        "extraEnv",
        "extraFiles",
        "extraImages",
        "extraLabels",
        "extraTolerations",
        "extraVolumeMounts",
        "extraVolumes",
        "failures",
        "guarantees",
        "initContainers",
        "labels",
        "lifecycle",
        "lifecycleHooks",
        "limits",
        "loadRoles",
        "nodeSelector",
        "podSecurityContext",
        "profileList",
        "profile_options",
        "profiles",
        "quotas",
        "requests",
        "resources",
        "selector",
        "services",
    }
)

#: values that are passed on unchanged; null may have a meaning in them
OPAQUE = frozenset(
    {
        "auth",
        "config",
        "custom",
        "data",
        "extraConfigMap",
        "extraPodConfig",
        "extraPodSpec",
        "kubespawner_override",
        "templateVars",
    }
)

#: KubeSpawner's traits that accept such maps
TRAITS = frozenset(
    {
        "environment",
        "extra_annotations",
        "extra_containers",
        "extra_labels",
        "extra_resource_guarantees",
        "extra_resource_limits",
        "init_containers",
        "lifecycle_hooks",
        "node_affinity_preferred",
        "node_affinity_required",
        "node_selector",
        "pod_affinity_preferred",
        "pod_affinity_required",
        "pod_anti_affinity_preferred",
        "pod_anti_affinity_required",
        "profile_list",
        "storage_extra_annotations",
        "storage_extra_labels",
        "tolerations",
        "volume_mounts",
        "volumes",
    }
)


def without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without the null entries of the maps in `NAMED`."""
    return {key: _cleaned(key, value) for key, value in values.items()}


def of_trait(trait: str, value: Any) -> Any:
    """Return the value of `hub.config.KubeSpawner.<trait>` without null entries."""
    if trait not in TRAITS:
        return value
    return _entries(value) if isinstance(value, dict) else _cleaned(trait, value)


def _cleaned(key: str, value: Any) -> Any:
    if key in OPAQUE:
        return value
    if isinstance(value, list):
        return [_cleaned("", item) for item in value]
    if not isinstance(value, dict):
        return value
    return _entries(value) if key in NAMED else without_nulls(value)


def _entries(value: dict[str, Any]) -> dict[str, Any]:
    return without_nulls({name: entry for name, entry in value.items() if entry is not None})
