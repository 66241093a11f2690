"""The `status` of a pod, from what is known of its containers.

Field names and reasons are Kubernetes' (Pod v1 core; "Pod Lifecycle" in its documentation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

HOST_IP = "127.0.0.1"
UNSCHEDULABLE = "Unschedulable"


def now() -> str:
    """The time as Kubernetes writes it, in whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(since: str) -> dict[str, Any]:
    return {"running": {"startedAt": since}}


def terminated(code: int, reason: str, since: str, message: str = "") -> dict[str, Any]:
    state = {"exitCode": code, "reason": reason, "startedAt": since, "finishedAt": now()}
    return {"terminated": state | ({"message": message} if message else {})}


@dataclass
class ContainerStatus:
    """What is known of one container; `id` names this run of it."""

    name: str
    image: str
    state: dict[str, Any]
    last: dict[str, Any] = field(default_factory=dict)
    ready: bool = False
    restarts: int = 0
    id: str = ""

    @property
    def exit_code(self) -> int | None:
        code: int | None = self.state.get("terminated", {}).get("exitCode")
        return code

    @property
    def is_running(self) -> bool:
        return "running" in self.state

    def waits_for(self, reason: str) -> bool:
        return bool(self.state.get("waiting", {}).get("reason") == reason)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image,
            "containerID": self.id,
            "ready": self.ready,
            "started": self.is_running,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last,
        }

    @classmethod
    def of(cls, saved: Mapping[str, Any]) -> "ContainerStatus":
        """The inverse of `as_dict`."""
        return cls(
            saved["name"],
            saved["image"],
            saved["state"],
            saved["lastState"],
            saved["ready"],
            saved["restartCount"],
            saved["containerID"],
        )


def phase_of(containers: Sequence[ContainerStatus], ended: bool) -> str:
    """The pod's phase from its containers; `ended`: none of them will be started again."""
    if ended:
        return "Failed" if any(container.exit_code for container in containers) else "Succeeded"
    started = any(c.is_running or c.exit_code is not None or c.restarts for c in containers)
    return "Running" if started else "Pending"


def conditions(
    old: Sequence[Mapping[str, Any]], values: Mapping[str, tuple[bool, str, str]]
) -> list[dict[str, Any]]:
    """`{type: (true?, reason, message)}` as conditions; one that did not change keeps its time."""
    before = {condition["type"]: condition for condition in old}
    result = []
    for type_, (value, reason, message) in values.items():
        status = "True" if value else "False"
        previous = before.get(type_, {})
        same = previous.get("status") == status
        result.append(
            {
                "type": type_,
                "status": status,
                "lastProbeTime": None,
                "lastTransitionTime": previous["lastTransitionTime"] if same else now(),
                **({"reason": reason} if reason else {}),
                **({"message": message} if message else {}),
            }
        )
    return result


@dataclass
class PodStatus:
    """What is known of a pod beside its containers.

    `unscheduled`: why it has no node yet; `failed`: reason and message of a failure of the pod
    itself, whatever its containers say.
    """

    started: str = field(default_factory=now)
    ip: str = ""
    unscheduled: str = ""
    initialized: bool = False
    failed: tuple[str, str] | None = None

    def as_dict(
        self,
        containers: Sequence[ContainerStatus],
        initial: Sequence[ContainerStatus],
        ended: bool,
        old: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The whole status; `old`: the one before; `ended`: no container will start again."""
        if self.unscheduled:
            known = {"PodScheduled": (False, UNSCHEDULABLE, self.unscheduled)}
            return {
                "phase": "Pending",
                "conditions": conditions(old.get("conditions") or [], known),
            }
        known = self._conditions(containers, ended)
        status: dict[str, Any] = {
            **old,
            "phase": "Failed" if self.failed else phase_of(containers, ended),
            "conditions": conditions(old.get("conditions") or [], known),
            "hostIP": HOST_IP,
            "hostIPs": [{"ip": HOST_IP}],
            "podIP": self.ip,
            "podIPs": [{"ip": self.ip}],
            "startTime": self.started,
            "containerStatuses": [each.as_dict() for each in containers],
        }
        if initial:
            status["initContainerStatuses"] = [each.as_dict() for each in initial]
        if self.failed:
            words = dict(zip(("reason", "message"), self.failed, strict=True))
            status |= {key: word for key, word in words.items() if word}
        return status

    def _conditions(
        self, containers: Sequence[ContainerStatus], ended: bool
    ) -> dict[str, tuple[bool, str, str]]:
        unready = [each.name for each in containers if not each.ready]
        reason = ("PodCompleted" if ended else "ContainersNotReady") if unready else ""
        message = f"containers with unready status: [{' '.join(unready)}]" if unready else ""
        return {
            "PodScheduled": (True, "", ""),
            "Initialized": (self.initialized, "", ""),
            "ContainersReady": (not unready, reason, message),
            "Ready": (not unready, reason, message),
        }
