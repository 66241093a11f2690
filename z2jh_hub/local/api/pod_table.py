"""The row of a pod in `kubectl get pods`: a status word made of many fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .shown import age, at, none

Object = dict[str, Any]


def status_word(pod: Object) -> str:
    """What kubectl calls the state of a pod: the most telling reason there is."""
    status = pod.get("status") or {}
    word = status.get("reason") or status.get("phase") or "Unknown"
    gated = [c for c in status.get("conditions") or [] if c.get("reason") == "SchedulingGated"]
    word = "SchedulingGated" if gated else word
    word = _initialising(pod) or _containers(status, word)
    if at(pod, "metadata.deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return str(word)


def _containers(status: Object, word: str) -> str:
    running = False
    for container in reversed(status.get("containerStatuses") or []):
        state = container.get("state") or {}
        reason = at(state, "waiting.reason") or at(state, "terminated.reason")
        if reason:
            word = reason
        elif "terminated" in state:
            word = _ended(state["terminated"])
        elif container.get("ready") and "running" in state:
            running = True
    if word == "Completed" and running:
        conditions = status.get("conditions") or []
        ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
        return "Running" if ready else "NotReady"
    return word


def _initialising(pod: Object) -> str | None:
    wanted = at(pod, "spec.initContainers") or []
    for number, container in enumerate(at(pod, "status.initContainerStatuses") or []):
        state = container.get("state") or {}
        ended = state.get("terminated")
        if ended is not None and ended.get("exitCode") == 0:
            continue
        if ended is not None:
            return f"Init:{ended.get('reason') or _ended(ended)}"
        reason = at(state, "waiting.reason")
        if reason and reason != "PodInitializing":
            return f"Init:{reason}"
        return f"Init:{number}/{len(wanted)}"
    return None


def _ended(terminated: Object) -> str:
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _ready(pod: Object, now: float) -> str:
    statuses = at(pod, "status.containerStatuses") or []
    ready = sum(1 for c in statuses if c.get("ready") and at(c, "state.running") is not None)
    return f"{ready}/{len(at(pod, 'spec.containers') or [])}"


def _restarts(pod: Object, now: float) -> str:
    statuses = at(pod, "status.containerStatuses") or []
    count = sum(c.get("restartCount", 0) for c in statuses)
    ends = [at(c, "lastState.terminated.finishedAt") for c in statuses]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def _gates(pod: Object, now: float) -> str:
    return "<none>" if not at(pod, "spec.readinessGates") else "0/1"


POD_COLUMNS: list[tuple[str, int, Callable[[Object, float], Any]]] = [
    ("Ready", 0, _ready),
    ("Status", 0, lambda pod, now: status_word(pod)),
    ("Restarts", 0, _restarts),
    ("Age", 0, lambda pod, now: age(at(pod, "metadata.creationTimestamp"), now)),
    ("IP", 1, lambda pod, now: none(at(pod, "status.podIP"))),
    ("Node", 1, lambda pod, now: none(at(pod, "spec.nodeName"))),
    ("Nominated Node", 1, lambda pod, now: none(at(pod, "status.nominatedNodeName"))),
    ("Readiness Gates", 1, _gates),
]
