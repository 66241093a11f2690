"""`scheduling.*`, and the tolerations and affinities of user pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..keys import BOOLEAN, MAPPINGS, Key, one_of

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

AFFINITIES = (
    ("singleuser.extraNodeAffinity", "node_affinity"),
    ("singleuser.extraPodAffinity", "pod_affinity"),
    ("singleuser.extraPodAntiAffinity", "pod_anti_affinity"),
)

KEYS = (
    Key("scheduling.userScheduler.enabled", BOOLEAN),
    Key("scheduling.podPriority.enabled", BOOLEAN),
    Key("scheduling.userPods.nodeAffinity.matchNodePurpose", one_of("ignore", "prefer", "require")),
    Key("scheduling.userPods.tolerations", MAPPINGS),
    Key("singleuser.extraTolerations", MAPPINGS),
    *(
        Key(f"{key}.{strength}", MAPPINGS)
        for key, _ in AFFINITIES
        for strength in ("required", "preferred")
    ),
)

NODE_PURPOSE = {"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}


def apply(values: Values, c: Config) -> None:
    """Set the scheduler, priority, tolerations and affinities of user pods."""
    spawner = c.KubeSpawner
    if values.get("scheduling.userScheduler.enabled"):
        spawner.scheduler_name = values.name("user-scheduler")
    if values.get("scheduling.podPriority.enabled"):
        spawner.priority_class_name = values.name("priority")
    tolerations = _list(values, "scheduling.userPods.tolerations")
    tolerations += _list(values, "singleuser.extraTolerations")
    if tolerations:
        spawner.tolerations = tolerations
    for key, trait in AFFINITIES:
        for strength in ("required", "preferred"):
            spawner[f"{trait}_{strength}"] = _list(values, f"{key}.{strength}")
    _match_node_purpose(values, spawner)


def _match_node_purpose(values: Values, spawner: Config) -> None:
    term = {"matchExpressions": [dict(NODE_PURPOSE)]}
    match values.get("scheduling.userPods.nodeAffinity.matchNodePurpose"):
        case "prefer":
            spawner.node_affinity_preferred.append({"weight": 100, "preference": term})
        case "require":
            spawner.node_affinity_required.append(term)


def _list(values: Values, key: str) -> list[Any]:
    return values.get(key) or []
