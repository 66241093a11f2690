"""What the Pod Security Standards refuse in the spec of a pod.

The fields are those of https://kubernetes.io/docs/concepts/security/pod-security-standards/ that a
values file can set; AppArmor, SELinux, sysctls and Windows are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .snapshot import Object, containers

ENFORCE = "pod-security.kubernetes.io/enforce"

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_BASELINE_CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
_RESTRICTED_VOLUMES = frozenset({
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret", "name",
})  # fmt: skip
_SECCOMP = frozenset({"RuntimeDefault", "Localhost"})


def violations(spec: Object, level: str) -> list[str]:
    """Return what `level` (baseline, restricted, or anything else for none) refuses in a pod."""
    return list(_LEVELS.get(level, _nothing)(spec))


def _nothing(spec: Object) -> Iterator[str]:
    return iter(())


def _baseline(spec: Object) -> Iterator[str]:
    yield from (name for name in _HOST if spec.get(name))
    for volume in spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f"the hostPath volume {volume.get('name')}"
    for container in containers(spec):
        name, security = container.get("name"), container.get("securityContext") or {}
        if security.get("privileged"):
            yield f"container {name} is privileged"
        added = set((security.get("capabilities") or {}).get("add") or ())
        if more := sorted(added - _BASELINE_CAPABILITIES):
            yield f"container {name} adds {', '.join(more)}"
        if any(port.get("hostPort") for port in container.get("ports") or ()):
            yield f"container {name} has a hostPort"
        if _seccomp(security) == "Unconfined":
            yield f"container {name} has the seccomp profile Unconfined"


def _restricted(spec: Object) -> Iterator[str]:
    yield from _baseline(spec)
    for volume in spec.get("volumes") or ():
        if not volume.keys() <= _RESTRICTED_VOLUMES and "hostPath" not in volume:
            yield f"the type of the volume {volume.get('name')}"
    pod: Object = spec.get("securityContext") or {}
    for container in containers(spec):
        for problem in _of_container(container.get("securityContext") or {}, pod):
            yield f"container {container.get('name')} {problem}"


def _of_container(own: Object, pod: Object) -> Iterator[str]:
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may escalate its privileges"
    capabilities: Mapping[str, list[str]] = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "does not drop all capabilities"
    # the others are refused by `baseline`
    if (set(capabilities.get("add") or ()) & _BASELINE_CAPABILITIES) - {"NET_BIND_SERVICE"}:
        yield "adds capabilities"
    if not own.get("runAsNonRoot", pod.get("runAsNonRoot")):
        yield "may run as root (runAsNonRoot is not set)"
    if own.get("runAsUser", pod.get("runAsUser")) == 0:
        yield "runs as root"
    if (_seccomp(own) or _seccomp(pod)) not in _SECCOMP:
        yield "has no seccomp profile"


def _seccomp(security: Object) -> str:
    return str((security.get("seccompProfile") or {}).get("type") or "")


_LEVELS: dict[str, Callable[[Object], Iterator[str]]] = {
    "baseline": _baseline,
    "restricted": _restricted,
}
