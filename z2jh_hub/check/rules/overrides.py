"""Overrides of user pods that weaken security, or take a limit away.

`extraPodConfig` and `extra_container_config` win over what the chart sets, for each field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.key_paths import key_path
from ...config.values import Values
from .. import queries

SPAWNER = "hub.config.KubeSpawner"
CONTEXT = ("securityContext", "security_context")
# fields of a pod's spec and of security contexts, the values that weaken, and the effect
HOST = {
    "hostNetwork": "puts user pods outside of every NetworkPolicy, so that they reach the cloud "
    "metadata server",
    "hostPID": "lets users see the processes of the node",
    "hostIPC": "lets users share memory with the processes of the node",
}
SNAKE = {"host_network": "hostNetwork", "host_pid": "hostPID", "host_ipc": "hostIPC"}
WEAK = {
    ("privileged", True): "gives users all rights on the node",
    ("allowPrivilegeEscalation", True): "lets programs get more rights, as with sudo",
    ("runAsNonRoot", False): "lets the server run as root",
    ("runAsUser", 0): "runs the server as root",
    ("fsGroup", None): "takes away the group that owns the volumes",
}


def findings(values: Values) -> Iterator[Problem]:
    """Security that is weakened and limits that are dropped, for all users or in a profile."""
    for path, config in _configs(values, "extra_pod_config"):
        for field, value in config.items():
            effect = HOST.get(SNAKE.get(str(field), str(field)))
            if effect and value is True:
                yield _weak(values, (*path, str(field)), effect)
        yield from _contexts(values, path, config)
    for path, config in _configs(values, "extra_container_config"):
        yield from _contexts(values, path, config)
        limits = queries.as_mapping(queries.as_mapping(config.get("resources")).get("limits"))
        for name, amount in limits.items():
            if amount is None:
                at = (*path, "resources", "limits", str(name))
                yield _weak(values, at, f"takes the limit of {name} away")


def _contexts(values: Values, path: Path, config: dict[str, Any]) -> Iterator[Problem]:
    for name in CONTEXT:
        context = queries.as_mapping(config.get(name))
        for (field, value), effect in WEAK.items():
            # 0 and False are equal in Python, and mean different things here
            if field in context and context[field] is value:
                yield _weak(values, (*path, name, field), effect)


def _configs(values: Values, trait: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    places = [key_path(f"{SPAWNER}.{trait}")]
    if trait == "extra_pod_config":
        places.append(("singleuser", "extraPodConfig"))
    for path in places:
        yield path, queries.mapping(values, path)
    for path, profile in queries.mappings(values, "singleuser.profileList"):
        override = queries.as_mapping(profile.get("kubespawner_override"))
        yield (*path, "kubespawner_override", trait), queries.as_mapping(override.get(trait))


def _weak(values: Values, path: Path, effect: str) -> Problem:
    return values.problem(
        path, effect, expected="the value that the chart sets", severity="warning",
        hint="leave this out unless you mean it", rule="weakened-pod",
    )  # fmt: skip
