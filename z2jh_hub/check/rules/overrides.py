"""Report overrides of user pods that weaken security or remove a limit.

Each field of `extraPodConfig` and `extra_container_config` overrides what the chart sets.
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
# fields of a pod spec and of security contexts, their weakening values, and the effect
HOST = {
    "hostNetwork": "user pods bypass every NetworkPolicy and can reach the cloud metadata server",
    "hostPID": "users can see the processes of the node",
    "hostIPC": "users can share memory with the processes of the node",
}
SNAKE = {"host_network": "hostNetwork", "host_pid": "hostPID", "host_ipc": "hostIPC"}
WEAK = {
    ("privileged", True): "users have full control of the node",
    ("allowPrivilegeEscalation", True): "programs can gain privileges, for example with sudo",
    ("runAsNonRoot", False): "the server may run as root",
    ("runAsUser", 0): "the server runs as root",
    ("fsGroup", None): "volumes no longer belong to a group of the user",
}


def findings(values: Values) -> Iterator[Problem]:
    """Yield weakened security and removed limits, for all users or in a profile."""
    for path, config in _configs(values, "extra_pod_config"):
        for field, value in config.items():
            effect = HOST.get(SNAKE.get(str(field), str(field)))
            if effect and value is True:
                yield _weak(values, (*path, str(field)), effect)
        yield from _contexts(values, path, config)
    yield from _sudo(values)
    for path, config in _configs(values, "extra_container_config"):
        yield from _contexts(values, path, config)
        limits = queries.as_mapping(queries.as_mapping(config.get("resources")).get("limits"))
        for name, amount in limits.items():
            if amount is None:
                at = (*path, "resources", "limits", str(name))
                yield _weak(values, at, f"removes the limit of {name}")


def _sudo(values: Values) -> Iterator[Problem]:
    """Report a variable of the Jupyter images that has no effect."""
    granted = values.get("singleuser.extraEnv.GRANT_SUDO")
    escalates = values.get("singleuser.allowPrivilegeEscalation")
    as_root = values.get("singleuser.uid") == 0
    needs = [
        *([] if as_root else ["singleuser.uid: 0"]),
        *([] if escalates is True else ["singleuser.allowPrivilegeEscalation: true"]),
    ]
    code = queries.code(values)
    if granted in ("1", "yes") and needs and "allow_privilege_escalation" not in code:
        yield values.problem(
            "singleuser.extraEnv.GRANT_SUDO", "sudo does not work in user servers",
            expected=" and ".join(needs), severity="warning", rule="weakened-pod",
            hint="users with sudo can do anything in their server; most need a better image",
        )  # fmt: skip


def _contexts(values: Values, path: Path, config: dict[str, Any]) -> Iterator[Problem]:
    for name in CONTEXT:
        context = queries.as_mapping(config.get(name))
        for (field, value), effect in WEAK.items():
            # 0 and False are equal in Python but mean different things here
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
        hint="remove this unless you need it", rule="weakened-pod",
    )  # fmt: skip
