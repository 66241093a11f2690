"""Report parts of the release that are missing or do not run, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..causes import is_over, is_ready
from ..commands import kubectl, listed
from ..findings import Finding
from ..snapshot import Object, Snapshot, component_of, name_of, spec_of, status_of
from . import claims, core, ending, permissions, tokens
from .pod_problems import Problem, problem_of

# (plural, component): what the chart always creates
_ALWAYS = (
    ("deployments", core.HUB),
    ("deployments", core.PROXY),
    ("services", core.HUB),
    ("services", "proxy-public"),
    ("services", "proxy-api"),
)
# logged by JupyterHub's proxy class
_NO_PROXY = "api_request to the proxy failed with connection error"
_KINDS = {**core.KINDS, "services": "Service"}


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    yield from _missing(snapshot)
    broken = _broken(snapshot)
    for (component, _), pods in broken.items():
        yield _of_pods(snapshot, component, pods)
    reported = {component for component, _ in broken}
    for workload, plural in core.workloads(snapshot):
        if component_of(workload) not in reported:
            yield from _without_pods(snapshot, workload, plural)


def _missing(snapshot: Snapshot) -> Iterator[Finding]:
    for plural, component in _ALWAYS:
        if snapshot.knows(plural) and not snapshot.component(plural, component):
            part = core.PARTS.get(component, core.PARTS[core.PROXY])
            yield Finding(
                "object-missing",
                "error",
                f"{_KINDS[plural]}/{component}",
                f"the release has no {_KINDS[plural]} of the component {component}",
                part.consequence,
                f"Create it again: helm upgrade {snapshot.release} CHART --namespace "
                f"{snapshot.namespace} --values config.yaml",
            )


def _broken(snapshot: Snapshot) -> dict[tuple[str, str], list[tuple[Object, Problem]]]:
    """Return the pods that do not run, by component and id of the problem."""
    broken: dict[tuple[str, str], list[tuple[Object, Problem]]] = {}
    secrets = tokens.missing_secrets(snapshot)
    for pod, component, _ in core.pods(snapshot):
        if is_ready(pod) or is_over(pod) or claims.explains(snapshot, pod):
            continue
        log = snapshot.logs.get(name_of(pod), "")
        if tokens.refused(log) or permissions.explains(log) or _waits_for_proxy(snapshot, log):
            continue
        problem = problem_of(snapshot, pod, component)
        if problem and not _lacks(secrets, problem):
            broken.setdefault((component, problem.id), []).append((pod, problem))
    return broken


def _lacks(secrets: Collection[str], problem: Problem) -> bool:
    """Return whether a pod waits for one of these Secrets, each of which has its own finding."""
    text = "\n".join(problem.evidence)
    return any(f'secret "{name}" not found' in text for name in secrets)


def _waits_for_proxy(snapshot: Snapshot, log: str) -> bool:
    """Return whether the hub starts as soon as the proxy, which has its own finding, is ready."""
    proxies = snapshot.component("pods", core.PROXY)
    return _NO_PROXY in "\n".join(log.splitlines()[-3:]) and not any(map(is_ready, proxies))


def _of_pods(snapshot: Snapshot, component: str, pods: list[tuple[Object, Problem]]) -> Finding:
    pod, problem = pods[0]
    part = core.PARTS[component]
    evidence = problem.evidence
    if len(pods) > 1:
        evidence += (f"{len(pods)} pods: {listed([name_of(pod) for pod, _ in pods])}",)
    return Finding(
        problem.id,
        "note" if problem.id == "pod-starting" else part.severity,
        f"Pod/{name_of(pod)}",
        f"{component}: {problem.message}",
        part.consequence,
        problem.fix,
        evidence,
    )


def _without_pods(snapshot: Snapshot, workload: Object, plural: str) -> Iterator[Finding]:
    """Yield why a workload has fewer pods than it should have."""
    kind, name = core.KINDS[plural], name_of(workload)
    part = core.PARTS[component_of(workload)]
    command = kubectl(snapshot, "describe", kind.lower(), name)
    refusal = _refusal(snapshot, workload)
    if refusal and _is_explained(snapshot, refusal):
        return
    if refusal and not is_complete(workload, plural):
        yield Finding(
            "pods-refused", part.severity, f"{kind}/{name}", "Kubernetes refuses its pods",
            part.consequence, f"Change what the evidence names: {command}", (refusal,),
        )  # fmt: skip
    elif plural == "deployments" and spec_of(workload).get("replicas", 1) == 0:
        yield Finding(
            "scaled-to-zero", part.severity, f"{kind}/{name}", "it is scaled to zero",
            part.consequence,
            kubectl(snapshot, "scale", f"{kind.lower()}/{name}", "--replicas=1"),
        )  # fmt: skip
    elif not snapshot.knows("pods") and not is_complete(workload, plural):
        yield Finding(
            "pod-not-ready", part.severity, f"{kind}/{name}",
            "its pods are not ready, and cannot be read", part.consequence, command,
        )  # fmt: skip
    elif plural == "deployments" and not _has_pod(snapshot, workload):
        yield Finding(
            "no-pod", part.severity, f"{kind}/{name}", "it has no pod", part.consequence,
            f"Check that the cluster's controller manager runs: {command}",
        )  # fmt: skip


def _is_explained(snapshot: Snapshot, refusal: str) -> bool:
    """Return whether another check reports the quota or the Pod Security Standard."""
    known = {"exceeded quota": snapshot.knows("quotas"), "PodSecurity": snapshot.labels is not None}
    return any(text in refusal and is_known for text, is_known in known.items())


def is_complete(workload: Object, plural: str) -> bool:
    """Return whether a workload has all its pods, and they are available."""
    status = status_of(workload)
    if plural == "daemonsets":
        ready = int(status.get("numberReady") or 0)
        return ready >= int(status.get("desiredNumberScheduled") or 0)
    wanted = int(spec_of(workload).get("replicas", 1))
    # a StatefulSet reports availableReplicas too
    return int(status.get("availableReplicas") or 0) >= wanted


def _has_pod(snapshot: Snapshot, workload: Object) -> bool:
    if not snapshot.knows("pods"):
        return True  # unknown
    pods = snapshot.component("pods", component_of(workload))
    explained = any(
        claims.explains(snapshot, pod) or ending.is_stuck(snapshot, pod) for pod in pods
    )
    return explained or any(not is_over(pod) for pod in pods)


def _refusal(snapshot: Snapshot, workload: Object) -> str:
    """Return why Kubernetes refuses the pods of a workload; empty if it does not."""
    for condition in status_of(workload).get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return str(condition.get("message") or condition.get("reason"))
    for kind in ("DaemonSet", "StatefulSet"):
        events = snapshot.events(kind, name_of(workload))
        if events and events[-1].get("reason") == "FailedCreate":
            return str(events[-1].get("message"))
    return ""
