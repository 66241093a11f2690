"""Report Kubernetes fields of the chart's own pods that the API or Helm refuses.

The values that templates copy into a pod are validated by the schema of that part of the pod. So
are the fields of all user pods, for files whose servers cannot be tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from ...sandbox.pods import rules, schema
from .. import queries

COMPONENTS = (
    "hub",
    "proxy.chp",
    "proxy.traefik",
    "proxy.secretSync",
    "scheduling.userScheduler",
    "prePuller",
    "prePuller.hook",
)
# key of a component → the type of Kubernetes and its field
FIELDS = {
    "nodeSelector": ("PodSpec", "nodeSelector"),
    "tolerations": ("PodSpec", "tolerations"),
    "initContainers": ("PodSpec", "initContainers"),
    "extraInitContainers": ("PodSpec", "initContainers"),
    "extraContainers": ("PodSpec", "containers"),
    "extraVolumes": ("PodSpec", "volumes"),
    "podSecurityContext": ("PodSpec", "securityContext"),
    "extraPodSpec": ("", "PodSpec"),
    "extraVolumeMounts": ("Container", "volumeMounts"),
    "resources": ("Container", "resources"),
    "lifecycle": ("Container", "lifecycle"),
    "containerSecurityContext": ("Container", "securityContext"),
    "extraPorts": ("Container", "ports"),
}
# of user pods; Kubernetes drops unknown fields there, which the trial of the pods reports
USER_FIELDS = {
    "nodeSelector": ("PodSpec", "nodeSelector"),
    "extraTolerations": ("PodSpec", "tolerations"),
    "lifecycleHooks": ("Container", "lifecycle"),
}

# keys of containers, and the names of the chart's own in the same pod
CONTAINERS = {
    "hub": (("initContainers", "extraContainers"), ("hub",)),
    "proxy.traefik": (("extraInitContainers",), ("traefik",)),
}

# tolerations of the chart's pods; the trial of the pods reports those of user pods
TOLERATIONS = (
    *(f"{component}.tolerations" for component in COMPONENTS),
    "scheduling.corePods.tolerations",
    "scheduling.userPods.tolerations",
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield the mistakes in what the values add to the chart's pods."""
    for key in TOLERATIONS:
        given = values.get(key)
        if not any(schema.of_field("PodSpec", "tolerations", given)):
            for mistake in rules.of_tolerations(given or (), ()):
                yield _problem(values, mistake, tuple(key.split(".")))
    for component in COMPONENTS:
        for key, (owner, field) in FIELDS.items():
            path = (*component.split("."), key)
            for mistake in schema.of_field(owner, field, values.get(path)):
                if mistake.kind != "missing" or len(mistake.path) > 1:  # the chart adds the rest
                    yield _problem(values, mistake, path)
        yield from _variables(values, (*component.split("."), "extraEnv"))
    for component, (keys, own) in CONTAINERS.items():
        yield from _containers(values, component, keys, own)
    extra_ports = ("proxy", "traefik", "extraPorts")
    ports = values.get(extra_ports)
    if not any(schema.of_field("Container", "ports", ports)):
        for mistake in rules.of_ports(ports or (), ()):
            yield _problem(values, mistake, extra_ports)
    yield from _of_user_pods(values)


def _containers(
    values: Values, component: str, keys: tuple[str, ...], own: tuple[str, ...]
) -> Iterator[Problem]:
    """Yield the rules that additional containers break; the schema covers their types."""
    names = list(own)
    for key in keys:
        path = (*component.split("."), key)
        for at, container in queries.mappings(values, path):
            if any(schema.of_field("", "Container", container)):
                continue
            for mistake in rules.of_container(container, ()):
                yield _problem(values, mistake, at)
            if container["name"] in names:
                yield values.problem(
                    (*at, "name"),
                    f"two containers are named {container['name']}, so Kubernetes rejects the pod",
                    expected="another name", rule="pod-rejected",
                )  # fmt: skip
            names.append(container["name"])


def _variables(values: Values, path: Path) -> Iterator[Problem]:
    """Yield the mistakes in variables: a mapping by name, or the list that Kubernetes has."""
    explicit = values.get_as_given(path)  # the chart copies a deprecated list unchanged
    if isinstance(explicit, list):
        for mistake in schema.of_field("Container", "env", explicit):
            yield _problem(values, mistake, path)
        return
    for name, variable in queries.mapping(values, ".".join(path)).items():
        if isinstance(variable, dict):
            for mistake in schema.of_field("", "EnvVar", {"name": name, **variable}):
                yield _problem(values, mistake, (*path, name))
        elif isinstance(variable, list):
            yield values.problem(
                (*path, name), f"{name} must be text", given=MISSING, expected="text",
                rule="pod-rejected",
            )  # fmt: skip


def _of_user_pods(values: Values) -> Iterator[Problem]:
    for key, (owner, field) in USER_FIELDS.items():
        for mistake in schema.of_field(owner, field, values.get(("singleuser", key))):
            if mistake.kind not in ("missing", "unknown"):
                yield _problem(values, mistake, ("singleuser", key))
    for name, value in queries.mapping(values, "singleuser.extraEnv").items():
        if value is not None and not isinstance(value, (str, dict)):
            yield values.problem(
                ("singleuser", "extraEnv", name), f"{name} must be text, so no server starts",
                given=MISSING if isinstance(value, list) else value, expected="text",
                hint="put the value in quotes", rule="pod-rejected",
            )  # fmt: skip


def _problem(values: Values, mistake: schema.Mistake, path: tuple[str, ...]) -> Problem:
    unknown, missing = mistake.kind == "unknown", mistake.kind == "missing"
    inside = mistake.path[:-1] if missing else mistake.path
    effect = "so helm upgrade fails" if unknown else "so Kubernetes rejects the pod"
    message = f"{mistake.message}, {effect}"
    if unknown:
        message = f"Kubernetes knows no field {mistake.path[-1]} here, {effect}"
    relaxed = mistake.kind == "relaxed"
    return values.problem(
        (*path, *inside), mistake.message if relaxed else message,
        severity="warning" if relaxed else "error",
        given=MISSING if isinstance(mistake.value, (dict, list)) or missing else mistake.value,
        expected=mistake.expected, hint=mistake.hint, rule="pod-rejected",
    )  # fmt: skip
