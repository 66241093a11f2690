"""Explain why a pod of the release itself does not run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...failures import Diagnosis
from ..causes import GRACE, diagnose, has_node
from ..commands import kubectl
from ..findings import quotable
from ..snapshot import Object, Snapshot, containers, name_of, spec_of, status_of
from .core import PARTS

# lines of the hub's log that a finding quotes
LINES = 8
# ids of the catalogue of failed starts → id of a finding
_IDS = {
    **dict.fromkeys(
        ("image-wrong-architecture", "image-missing", "image-refused", "image-rate-limited",
         "image-invalid-name", "registry-not-found", "registry-unreachable", "image-unpullable"),
        "image-not-pulled",
    ),
    **dict.fromkeys(("crashed", "init-failed", "cannot-run", "post-start-failed"), "pod-crashes"),
    "out-of-memory": "out-of-memory",
    "config-missing": "reference-missing",
    "evicted": "pod-evicted",
}  # fmt: skip
# where the catalogue speaks of user servers
_MESSAGES = {
    "pod-crashes": "a container terminates with an error, and is restarted",
    "pod-starting": "the pod is starting",
    "pod-unschedulable": "no node accepts the pod",
    "reference-missing": "the pod refers to something that does not exist",
}


@dataclass(frozen=True)
class Problem:
    """Why a pod does not run: the id of the finding, what is wrong, what to do, and evidence."""

    id: str
    message: str
    fix: str
    evidence: tuple[str, ...] = ()


def problem_of(snapshot: Snapshot, pod: Object, component: str) -> Problem | None:
    """Return why a pod that is not ready does not run; None if that is no problem."""
    if component == "user-placeholder" and not has_node(pod):
        return None  # it waits for room, as intended
    cause = diagnose(snapshot, pod)
    if cause is None:
        return _without_cause(snapshot, pod)
    kind = _IDS.get(cause.failure.id)
    if kind is None:
        kind = "pod-waiting" if has_node(pod) else "pod-unschedulable"
        if snapshot.age(pod) < max(GRACE, cause.failure.wait):
            kind = "pod-starting"
    fix = _FIXES[kind](snapshot, pod, component)
    reason = cause.failure.admin.rstrip(".")
    message = _MESSAGES.get(kind) or reason[0].lower() + reason[1:]
    return Problem(kind, message, fix, _evidence(snapshot, pod, cause))


def _without_cause(snapshot: Snapshot, pod: Object) -> Problem:
    """Return the problem of a pod that has no known fault, but is not ready."""
    events = snapshot.events("Pod", name_of(pod))
    evidence = tuple(f"{e.get('reason')}: {e.get('message')}" for e in events[-1:])
    is_young = snapshot.seconds_since(status_of(pod).get("startTime")) < _start_seconds(pod)
    kind = "pod-starting" if is_young else "pod-not-ready"
    message = "the pod is starting" if is_young else "the pod does not become ready"
    fix = "Wait a minute, and run z2jh doctor again." if is_young else _logs(snapshot, pod, "")
    return Problem(kind, message, fix, (*evidence, *_log(snapshot, pod)))


def _start_seconds(pod: Object) -> float:
    """Return the seconds that a pod may take to start: a minute, plus the delay of its probes."""
    delays = [
        int((container.get("readinessProbe") or {}).get("initialDelaySeconds") or 0)
        for container in containers(spec_of(pod))
    ]
    return 60.0 + max(delays, default=0)


def _evidence(snapshot: Snapshot, pod: Object, cause: Diagnosis) -> tuple[str, ...]:
    fact = cause.fact
    lines = [f"{fact.reason}: {fact.message}".strip(": ")]
    lines += [line for line in _ended(pod) if line not in lines]
    return (*lines, *_log(snapshot, pod))


def _ended(pod: Object) -> list[str]:
    """Return how the containers of a pod ended before."""
    status = status_of(pod)
    lines = []
    for each in (
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ):
        last = (each.get("lastState") or {}).get("terminated")
        if last and each.get("restartCount"):
            lines.append(
                f"container {each.get('name')}: restarted {each['restartCount']} times, last "
                f"because of {last.get('reason')}, exit code {last.get('exitCode')}"
            )
    return lines


def _log(snapshot: Snapshot, pod: Object) -> tuple[str, ...]:
    """Return the last lines of the hub's log without secrets."""
    log = snapshot.logs.get(name_of(pod), "")
    lines = [line for line in log.splitlines() if line.strip()]
    return tuple(f"log: {quotable(line)}" for line in lines[-LINES:])


def _image(snapshot: Snapshot, pod: Object, component: str) -> str:
    return (
        f"Correct {PARTS[component].image}, set credentials (imagePullSecret, imagePullSecrets), "
        f"or check that the nodes can reach the registry: {_describe(snapshot, pod, component)}"
    )


def _memory(snapshot: Snapshot, pod: Object, component: str) -> str:
    return f"Raise {PARTS[component].resources}.limits.memory."


def _references(snapshot: Snapshot, pod: Object, component: str) -> str:
    return (
        "Create the object that the evidence names. A job of the chart creates the Secret `hub`: "
        "run helm upgrade with hooks, or create the Secret with z2jh secrets init."
    )


def _room(snapshot: Snapshot, pod: Object, component: str) -> str:
    return (
        f"Add a node, or lower {PARTS[component].resources}.requests: "
        f"{_describe(snapshot, pod, component)}"
    )


def _logs(snapshot: Snapshot, pod: Object, component: str) -> str:
    restarted = any(each.get("restartCount") for each in status_of(pod).get("containerStatuses")
                    or ())  # fmt: skip
    words = ["logs", name_of(pod), "--all-containers", *(["--previous"] if restarted else [])]
    return f"Correct what the log names: {kubectl(snapshot, *words)}"


def _describe(snapshot: Snapshot, pod: Object, component: str) -> str:
    return kubectl(snapshot, "describe", "pod", name_of(pod))


def _wait(snapshot: Snapshot, pod: Object, component: str) -> str:
    return "Wait a minute, and run z2jh doctor again."


_FIXES: dict[str, Callable[[Snapshot, Object, str], str]] = {
    "image-not-pulled": _image,
    "pod-crashes": _logs,
    "out-of-memory": _memory,
    "reference-missing": _references,
    "pod-evicted": _describe,
    "pod-waiting": _describe,
    "pod-unschedulable": _room,
    "pod-starting": _wait,
}
