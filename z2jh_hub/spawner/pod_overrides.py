"""Merge overrides of security contexts and resources instead of replacing them.

`extra_pod_config.securityContext`, `extra_container_config.securityContext` and
`extra_container_config.resources` often set one field, such as SELinux options or a GPU. In
KubeSpawner they replace the whole mapping, and with it `fsGroup`, `allowPrivilegeEscalation` and
the resource limits.

A profile or a hook that lowers only `mem_limit` or `cpu_limit` would leave the configured guarantee
above it, and Kubernetes would reject the pod; the request is left out, which makes it the limit.
"""

from __future__ import annotations

from typing import Any

from kubespawner import KubeSpawner

from ..config.errors import MISSING
from ..config.keys import resolved

SECURITY_CONTEXT = ("securityContext", "security_context")
# selects the container for `kubectl logs` and `kubectl exec` without `-c`
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class MergedOverrides(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose overrides replace only the fields that they set."""

    extra_pod_config: dict[str, Any]
    extra_container_config: dict[str, Any]

    async def get_pod_manifest(self) -> Any:
        pod_config, container_config = self.extra_pod_config, self.extra_container_config
        self.extra_pod_config = _without(pod_config, SECURITY_CONTEXT)
        self.extra_container_config = _without(container_config, (*SECURITY_CONTEXT, "resources"))
        try:
            pod = await super().get_pod_manifest()
        finally:
            self.extra_pod_config, self.extra_container_config = pod_config, container_config
        server = pod.spec.containers[0]
        for target, config in (
            (pod.spec, self._expand_all(pod_config)),
            (server, container_config),
        ):
            for name in SECURITY_CONTEXT:
                if name in config:
                    target.security_context = merged(
                        fields(target.security_context), fields(config[name])
                    )
        if "resources" in container_config:
            server.resources = resources(
                fields(server.resources), fields(container_config["resources"])
            )
        self._keep_within_limits(fields(server.resources))
        annotations = pod.metadata.annotations or {}
        pod.metadata.annotations = {DEFAULT_CONTAINER: server.name, **annotations}
        return pod

    def _keep_within_limits(self, resources: dict[str, Any]) -> None:
        """Remove a configured guarantee that exceeds a lowered limit from the requests."""
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        for name, prefix in (("memory", "mem"), ("cpu", "cpu")):
            configured = resolved(type(self), self.config, f"{prefix}_guarantee")
            guarantee = self._trait_value(f"{prefix}_guarantee", configured)
            if guarantee is None or requests.get(name) != guarantee:
                continue
            limit = getattr(self, f"{prefix}_limit")
            known = resolved(type(self), self.config, f"{prefix}_limit")
            lowered = limit != self._trait_value(f"{prefix}_limit", known)
            if lowered and limit and limits.get(name) == limit and guarantee > limit:
                del requests[name]

    def _trait_value(self, name: str, configured: Any) -> Any:
        """Return the value that a trait has when it is configured like this."""
        if configured is MISSING or configured is None:
            return None
        return self.traits()[name]._validate(self, configured)


def merged(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return `ours` with every field that `theirs` sets; null removes a field."""
    result = dict(ours)
    for name, value in theirs.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def resources(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return merged `resources`. A new limit without a request removes our request.

    It may exceed the new limit; without it, Kubernetes uses the limit as the request.
    """
    requests, limits = theirs.get("requests") or {}, theirs.get("limits") or {}
    remaining = {
        name: amount
        for name, amount in (ours.get("requests") or {}).items()
        if limits.get(name) is None or name in requests
    }
    return merged({**ours, "requests": remaining}, theirs)


def fields(model: Any) -> dict[str, Any]:
    """Return the fields of a model or a mapping under the names that manifests use."""
    if model is None or isinstance(model, dict):
        return model or {}
    values = {key: getattr(model, name) for name, key in model.attribute_map.items()}
    return {key: value for key, value in values.items() if value is not None}


def _without(config: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in names}
