"""Compare the token with which the hub and the proxy know each other, without reading it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..causes import is_over, is_ready
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, containers, name_of, pod_spec, status_of, time_of
from .core import HUB, PROXY

VARIABLE = "CONFIGPROXY_AUTH_TOKEN"
_REFUSED = re.compile(r"HTTP 403|403: Forbidden|status code 403")


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    hubs = snapshot.component("deployments", HUB)
    proxies = snapshot.component("deployments", PROXY)
    yield from map(_missing, missing_secrets(snapshot))
    if hubs and proxies and _differ(hubs[0], proxies[0]):
        yield _mismatch(
            snapshot,
            f"the hub and the proxy read {VARIABLE} from different places",
            (f"hub: {_source(hubs[0])}", f"proxy: {_source(proxies[0])}"),
        )
    elif logs := [log for log in _logs(snapshot) if refused(log)]:
        lines = [line for log in logs for line in log.splitlines()]
        evidence = [line for line in lines if _REFUSED.search(line)][-1:]
        yield _mismatch(snapshot, "the proxy refuses the hub's token", tuple(evidence))
    else:
        yield from _outdated(snapshot, _secrets(snapshot))


def missing_secrets(snapshot: Snapshot) -> list[str]:
    """Return the names of Secrets with the token that do not exist."""
    names = sorted(_secrets(snapshot)) if snapshot.knows("secrets") else []
    return [name for name in names if not snapshot.named("secrets", name)]


def _secrets(snapshot: Snapshot) -> set[str]:
    workloads = snapshot.component("deployments", HUB, PROXY)
    return {reference[0] for each in workloads if (reference := _reference(each))}


def _logs(snapshot: Snapshot) -> list[str]:
    """Return the logs of hubs that are not ready; that of a ready one has its users' requests."""
    pods = [pod for pod in snapshot.component("pods", HUB) if not is_ready(pod)]
    return [snapshot.logs.get(name_of(pod), "") for pod in pods]


def refused(log: str) -> bool:
    """Return whether a log of the hub ends with the proxy's refusal of its token."""
    return "proxy" in log and bool(_REFUSED.search(log))


def _variable(workload: Object) -> Mapping[str, Any] | None:
    for container in containers(pod_spec(workload)):
        for variable in container.get("env") or ():
            if variable.get("name") == VARIABLE:
                return dict(variable)
    return None


def _reference(workload: Object) -> tuple[str, str] | None:
    """Return the Secret and the key from which a workload reads the token."""
    source = ((_variable(workload) or {}).get("valueFrom") or {}).get("secretKeyRef") or {}
    return (source["name"], source["key"]) if source.get("name") and source.get("key") else None


def _differ(hub: Object, proxy: Object) -> bool:
    """Return whether both get the token, and not the same one."""
    one, other = _variable(hub), _variable(proxy)
    if one is None or other is None:
        return False
    return _reference(hub) != _reference(proxy) or one.get("value") != other.get("value")


def _source(workload: Object) -> str:
    """Return where a workload gets the token from, without the token."""
    reference = _reference(workload)
    return f"Secret {reference[0]}, key {reference[1]}" if reference else "a value in the manifest"


def _missing(name: str) -> Finding:
    return Finding(
        "secret-missing",
        "error",
        f"Secret/{name}",
        "the Secret with the tokens of the hub and the proxy does not exist",
        "The pods of the hub and the proxy do not start.",
        "Run helm upgrade with hooks: a job creates the Secret. Without hooks, create it with "
        "z2jh secrets init.",
    )


def _mismatch(snapshot: Snapshot, message: str, evidence: tuple[str, ...]) -> Finding:
    return Finding(
        "token-mismatch",
        "error",
        "Deployment/proxy",
        message,
        "The hub cannot add routes, so new servers cannot be reached.",
        "Use the same Secret for both, then restart them: " + _restart(snapshot, HUB, PROXY),
        evidence,
    )


def _restart(snapshot: Snapshot, *components: str) -> str:
    names = [name_of(each) for each in snapshot.component("deployments", *components)]
    return kubectl(snapshot, "rollout", "restart", *(f"deployment/{name}" for name in names))


def _outdated(snapshot: Snapshot, secrets: set[str]) -> Iterator[Finding]:
    """Yield a finding if the hub runs with an earlier version of the Secret.

    A proxy that is older than the Secret may still have the same token: a new service changes
    other keys. A hub that has started since has used the token successfully.
    """
    for name in sorted(secrets):
        changed = _changed(snapshot.named("secrets", name))
        for pod in snapshot.component("pods", HUB):
            started = _started(pod)
            if changed and started and started < changed and is_ready(pod) and not is_over(pod):
                yield Finding(
                    "secret-changed",
                    "warning",
                    f"Secret/{name}",
                    "the Secret was changed after the hub had started",
                    "The hub uses the former tokens. If the proxy restarts alone, the hub may no "
                    "longer reach it.",
                    _restart(snapshot, HUB, PROXY),
                    (f"changed {changed}, and {name_of(pod)} started {started}",),
                )


def _changed(secret: Object | None) -> str:
    """Return when the data of a Secret was changed last, from the record of its managers."""
    managers = ((secret or {}).get("metadata") or {}).get("managedFields") or ()
    times = [
        str(each["time"])
        for each in managers
        if each.get("time") and "f:data" in (each.get("fieldsV1") or {})
    ]
    return max(times, default="")


def _started(pod: Object) -> str:
    for status in status_of(pod).get("containerStatuses") or ():
        running = (status.get("state") or {}).get("running") or {}
        if status.get("name") == "hub" and time_of(running.get("startedAt")):
            return str(running["startedAt"])
    return ""
