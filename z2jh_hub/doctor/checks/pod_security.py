"""Compare the release's pods with the Pod Security Standard that the namespace enforces."""

from __future__ import annotations

from collections.abc import Iterator

from ..commands import listed
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, pod_spec, spec_of
from ..standards import ENFORCE, violations
from . import core


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    level = (snapshot.labels or {}).get(ENFORCE, "")
    for workload, plural in core.workloads(snapshot):
        if problems := violations(pod_spec(workload), level):
            yield Finding(
                "pod-security",
                "error",
                f"{core.KINDS[plural]}/{name_of(workload)}",
                f"the namespace enforces the Pod Security Standard {level!r}, which refuses "
                "the pods",
                "Kubernetes does not create these pods, or not again after they end.",
                _fix(snapshot),
                tuple(problems[:5]),
            )
    yield from _user_pods(snapshot, level)


def _user_pods(snapshot: Snapshot, level: str) -> Iterator[Finding]:
    refused: dict[tuple[str, ...], list[Object]] = {}
    for pod in snapshot.user_pods():
        if problems := violations(spec_of(pod), level):
            refused.setdefault(tuple(problems[:5]), []).append(pod)
    for reasons, pods in refused.items():
        names = listed([name_of(pod) for pod in pods])
        yield Finding(
            "pod-security",
            "error",
            f"Pod/{name_of(pods[0])}",
            f"the namespace now enforces the Pod Security Standard {level!r}, which refuses the "
            f"pods of {len(pods)} running server(s)",
            "These servers continue to run, but cannot be started again.",
            _fix(snapshot),
            (*reasons, f"servers: {names}"),
        )


def _fix(snapshot: Snapshot) -> str:
    return (
        "Remove the settings that the evidence names, or label the namespace with another level: "
        f"kubectl label --overwrite namespace {snapshot.namespace} {ENFORCE}=LEVEL"
    )
