"""Make user servers comply with the `restricted` Pod Security Standard where possible.

A server that is configured to run as root, or may become root
(`singleuser.allowPrivilegeEscalation`), cannot comply and is not changed.
"""

from __future__ import annotations

from typing import Any

from .pod_overrides import MergedOverrides, fields


def restricted(container: dict[str, Any], pod: dict[str, Any]) -> dict[str, Any]:
    """Return a container's securityContext, with the fields that `restricted` needs added.

    Fields that are set are not changed. `container` and `pod` are the securityContexts of the
    container and of its pod.
    """
    user = container.get("runAsUser", pod.get("runAsUser"))
    may_become_root = container.get("allowPrivilegeEscalation") is not False
    if not user or may_become_root or container.get("privileged"):
        return container
    completed = {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
    if "seccompProfile" not in pod:
        completed["seccompProfile"] = {"type": "RuntimeDefault"}
    return {**completed, **container}


class RestrictedServers(MergedOverrides):
    """A KubeSpawner whose servers have only the privileges that are configured."""

    async def get_pod_manifest(self) -> Any:
        pod = await super().get_pod_manifest()
        restrict(pod)
        return pod


def restrict(pod: Any) -> None:
    """Add the fields to the securityContext of a manifest's first container, the server."""
    server = pod.spec.containers[0]
    server.security_context = restricted(
        fields(server.security_context), fields(pod.spec.security_context)
    )
