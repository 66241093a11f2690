"""`singleuser.*`: the pods of user servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..keys import (
    ANYTHING,
    BOOLEAN,
    CPU,
    MAPPING,
    MEMORY,
    NAMED,
    NAMED_MAPPINGS,
    REFERENCES,
    TEXT,
    TEXTS,
    Key,
    above_limits,
    either,
    integer,
    one_of,
    tag_text,
)

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (
    Key("singleuser.image.name", TEXT),
    Key("singleuser.image.tag", ANYTHING),
    Key(
        "singleuser.image.pullPolicy",
        one_of("", "Always", "IfNotPresent", "Never"),
        "KubeSpawner.image_pull_policy",
    ),
    Key("singleuser.image.pullSecrets", REFERENCES),
    Key("imagePullSecrets", REFERENCES),
    Key("imagePullSecret.create", BOOLEAN),
    Key("imagePullSecret.automaticReferenceInjection", BOOLEAN),
    Key("singleuser.events", BOOLEAN, "KubeSpawner.events_enabled"),
    Key("singleuser.uid", integer(0), "KubeSpawner.uid"),
    Key("singleuser.fsGid", integer(0), "KubeSpawner.fs_gid"),
    Key("singleuser.podSecurityContext", MAPPING, "KubeSpawner.pod_security_context"),
    Key("singleuser.allowPrivilegeEscalation", BOOLEAN),
    Key("singleuser.serviceAccountName", TEXT, "KubeSpawner.service_account"),
    Key("singleuser.startTimeout", integer(1), "KubeSpawner.start_timeout"),
    Key("singleuser.podNameTemplate", TEXT, "KubeSpawner.pod_name_template"),
    Key("singleuser.cmd", either(TEXT, TEXTS), "Spawner.cmd"),
    Key("singleuser.defaultUrl", TEXT, "Spawner.default_url"),
    Key("singleuser.memory.limit", MEMORY, "KubeSpawner.mem_limit"),
    Key("singleuser.memory.guarantee", MEMORY, "KubeSpawner.mem_guarantee"),
    Key("singleuser.cpu.limit", CPU, "KubeSpawner.cpu_limit"),
    Key("singleuser.cpu.guarantee", CPU, "KubeSpawner.cpu_guarantee"),
    Key("singleuser.extraResource.limits", MAPPING, "KubeSpawner.extra_resource_limits"),
    Key("singleuser.extraResource.guarantees", MAPPING, "KubeSpawner.extra_resource_guarantees"),
    Key("singleuser.extraEnv", MAPPING, "KubeSpawner.environment"),
    Key("singleuser.extraLabels", MAPPING, "KubeSpawner.extra_labels"),
    Key("singleuser.extraAnnotations", MAPPING, "KubeSpawner.extra_annotations"),
    Key("singleuser.extraContainers", NAMED, "KubeSpawner.extra_containers"),
    Key("singleuser.initContainers", NAMED, "KubeSpawner.init_containers"),
    Key("singleuser.extraPodConfig", MAPPING, "KubeSpawner.extra_pod_config"),
    Key("singleuser.lifecycleHooks", MAPPING, "KubeSpawner.lifecycle_hooks"),
    Key("singleuser.nodeSelector", MAPPING, "KubeSpawner.node_selector"),
    Key("singleuser.profileList", NAMED_MAPPINGS, "KubeSpawner.profile_list"),
)


class Environment(dict[str, Any]):
    """A mapping with `+=`, for old snippets: `c.Spawner.environment += {…}`."""

    def __iadd__(self, other: Mapping[str, Any]) -> Environment:
        self.update(other)
        return self


def problems(values: Values) -> Iterator[Problem]:
    """Report guarantees above their limits."""
    yield from above_limits(values, "singleuser")


def apply(values: Values, c: Config) -> None:
    """Set the image, the labels, and the settings that two keys determine."""
    spawner = c.KubeSpawner
    # both classes share one mapping, so that code can add to either
    spawner.environment = c.Spawner.environment = Environment(spawner.get("environment") or {})
    c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    spawner.namespace = values.env("POD_NAMESPACE", "default")
    # null omits the field from the pod
    spawner.allow_privilege_escalation = values.get("singleuser.allowPrivilegeEscalation")
    spawner.common_labels = _labels(values)
    image = _image(values)
    if image:
        spawner.image = image
    pull_secrets = _pull_secrets(values)
    if pull_secrets:
        spawner.image_pull_secrets = pull_secrets


def _labels(values: Values) -> dict[str, str]:
    release = values.get("Release.Name") or values.env("HELM_RELEASE_NAME", "jupyterhub")
    chart = f"{values.get('Chart.Name') or 'jupyterhub'}-{values.get('Chart.Version') or '0'}"
    chart = _as_label(chart.replace("+", "_"))
    name = _as_label(values.get("nameOverride") or values.get("Chart.Name") or "jupyterhub")
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": release,
        "app.kubernetes.io/managed-by": "kubespawner",
        "helm.sh/chart": chart,
        # labels of the first public charts, still used in selectors
        "app": name,
        "release": release,
        "chart": chart,
    }


def _as_label(text: str) -> str:
    return text[:63].rstrip("-")


def _image(values: Values) -> str | None:
    name, tag = values.get("singleuser.image.name"), values.get("singleuser.image.tag")
    return f"{name}:{tag_text(tag)}" if name and tag else name


def _pull_secrets(values: Values) -> list[dict[str, str]]:
    """Return references to the pull secrets, given as references or names."""
    secrets: list[Any] = []
    if values.get("imagePullSecret.automaticReferenceInjection") and values.get(
        "imagePullSecret.create"
    ):
        secrets.append(values.name("image-pull-secret"))
    secrets += values.get("imagePullSecrets") or []
    secrets += values.get("singleuser.image.pullSecrets") or []
    names = [secret["name"] if isinstance(secret, dict) else secret for secret in secrets]
    return [{"name": name} for name in dict.fromkeys(names)]
