"""Security contexts and resources that are merged with the chart's; KubeSpawner replaces them.

`extra_pod_config.securityContext`, `extra_container_config.securityContext` and
`extra_container_config.resources` often set one field (SELinux options, a GPU). KubeSpawner lets
them replace the whole field, and with it `fsGroup`, `allowPrivilegeEscalation` and the limits.
"""

from __future__ import annotations

from typing import Any

from kubespawner import KubeSpawner

SECURITY_CONTEXT = ("securityContext", "security_context")
# the container that `kubectl logs` and `kubectl exec` take where none is named
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class MergedOverrides(KubeSpawner):  # type: ignore[misc]
    """A KubeSpawner whose overrides win for each field that they set, and keep the others."""

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
        annotations = pod.metadata.annotations or {}
        pod.metadata.annotations = {DEFAULT_CONTAINER: server.name, **annotations}
        return pod


def merged(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """`ours` with every field that `theirs` sets; a null takes a field away."""
    found = dict(ours)
    for name, value in theirs.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


def resources(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Merged `resources`. A new limit without a request drops ours, which may be above it.

    Kubernetes takes the limit for the request then.
    """
    requests, limits = theirs.get("requests") or {}, theirs.get("limits") or {}
    kept = {
        name: amount
        for name, amount in (ours.get("requests") or {}).items()
        if limits.get(name) is None or name in requests
    }
    return merged({**ours, "requests": kept}, theirs)


def fields(model: Any) -> dict[str, Any]:
    """A model's fields in the manifest's words; overrides may be models or plain mappings."""
    if model is None or isinstance(model, dict):
        return model or {}
    found = {word: getattr(model, name) for name, word in model.attribute_map.items()}
    return {word: value for word, value in found.items() if value is not None}


def _without(config: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in names}
