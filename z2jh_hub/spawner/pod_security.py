"""Servers that a namespace with `restricted` Pod Security admits, wherever that fits.

The rules are those of Kubernetes' Pod Security Standards. A server that was made to run as root, or
may become it (`singleuser.allowPrivilegeEscalation`), cannot follow them and is left as it is.
"""

from __future__ import annotations

from typing import Any

from .pod_overrides import MergedOverrides, fields


def restricted(container: dict[str, Any], pod: dict[str, Any]) -> dict[str, Any]:
    """A server's securityContext completed: what nobody has set, and what is set leaves room for.

    `container` and `pod` are the two securityContexts of the pod's manifest.
    """
    user = container.get("runAsUser", pod.get("runAsUser"))
    may_rise = container.get("allowPrivilegeEscalation") is not False
    if not user or may_rise or container.get("privileged"):
        return container
    completed = {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
    if "seccompProfile" not in pod:
        completed["seccompProfile"] = {"type": "RuntimeDefault"}
    return {**completed, **container}


class RestrictedServers(MergedOverrides):
    """A KubeSpawner whose servers have no more rights than they were given."""

    async def get_pod_manifest(self) -> Any:
        pod = await super().get_pod_manifest()
        restrict(pod)
        return pod


def restrict(pod: Any) -> None:
    """Complete the securityContext of a manifest's first container, the server's."""
    server = pod.spec.containers[0]
    server.security_context = restricted(
        fields(server.security_context), fields(pod.spec.security_context)
    )
