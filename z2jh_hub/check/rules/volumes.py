"""Report mounts of undefined volumes, and profiles that lose the home directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import normpath
from typing import Any, TypeGuard

from ...config.errors import Path, Problem
from ...config.values import Values
from .. import queries

STORAGE = "singleuser.storage"
# pod, keys of its volumes, key of its mounts, and the volumes that the chart adds
PODS: tuple[tuple[str, tuple[str, ...], str, set[str]], ...] = (
    ("hub", ("hub.extraVolumes", "hub.extraPodSpec.volumes"), "hub.extraVolumeMounts",
     {"config", "secret", "existing-secret", "files", "pvc", "hub-db-dir"}),
    ("singleuser", (f"{STORAGE}.extraVolumes", "singleuser.extraPodConfig.volumes",
                    "hub.config.KubeSpawner.volumes"), f"{STORAGE}.extraVolumeMounts", {"files"}),
    ("proxy.traefik", ("proxy.traefik.extraVolumes", "proxy.traefik.extraPodSpec.volumes"),
     "proxy.traefik.extraVolumeMounts", {"certificates", "config", "traefik-config"}),
    ("proxy.chp", ("proxy.chp.extraVolumes", "proxy.chp.extraPodSpec.volumes"),
     "proxy.chp.extraVolumeMounts", set()),
)  # fmt: skip
# the volumes that the chart adds to a pod whatever the values are
ALWAYS = {"hub": ("config", "secret"), "proxy.traefik": ("certificates", "traefik-config")}
CUSTOM_VOLUMES = ("extraVolumes", "volumes")
CUSTOM_MOUNTS = ("extraVolumeMounts", "volumeMounts", "volume_mounts")


def findings(values: Values) -> Iterator[Problem]:
    """Yield mounts of undefined volumes, and profiles that replace the mount of the home."""
    code = queries.code(values)
    for pod, volumes, mounts, added in PODS:
        known = added | {name for key in volumes for name in _names(queries.mappings(values, key))}
        if pod == "singleuser":
            known |= _home_volumes(values)
        for path, volume in queries.mappings(values, volumes[0]):
            if volume.get("name") in ALWAYS.get(pod, ()):
                yield values.problem(
                    (*path, "name"), f"the chart has a volume named {volume['name']} in this pod, "
                    "so Kubernetes rejects the pod", expected="another name", rule="pod-rejected",
                )  # fmt: skip
        for path, mount in _mounts(values, pod, mounts):
            at = mount.get("mountPath")
            if isinstance(at, str) and at and at[0] not in "/{$":
                yield values.problem(
                    (*path, "mountPath"), f"this is mounted at /{at}", expected="an absolute path",
                    severity="warning", rule="mount-collision",
                )  # fmt: skip
            name = mount.get("name")
            if _is_unknown(name, known, code):
                yield _undefined(values, path, name, volumes[0])
        if pod == "singleuser":
            yield from _in_custom(values, known, code)
    for path, override, _ in queries.overrides(values):
        yield from _of_override(values, path, override)


def _in_custom(values: Values, known: set[str], code: str) -> Iterator[Problem]:
    """Check mounts under `custom`, from where snippets add them to user pods."""
    lists = list(_lists(("custom",), values.get("custom")))
    known = known.union(*(_names(items) for key, items in lists if key in CUSTOM_VOLUMES))
    for key, items in lists:
        for path, mount in items if key in CUSTOM_MOUNTS else ():
            name = mount.get("name")
            if _is_unknown(name, known, code):
                problem = _undefined(values, path, name, f"{STORAGE}.extraVolumes")
                yield replace(problem, severity="warning")


def _lists(path: Path, node: Any) -> Iterator[tuple[str, list[tuple[Path, dict[str, Any]]]]]:
    """Yield the lists below `node`, each with the last name of its path."""
    pairs = node.items() if isinstance(node, dict) else enumerate(queries.as_list(node))
    if isinstance(node, list):
        yield path[-1], queries.inner(path, node)
    for key, inner in pairs:
        yield from _lists((*path, str(key)), inner)


def _is_unknown(name: Any, known: set[str], code: str) -> TypeGuard[str]:
    return (
        isinstance(name, str)
        and bool(name)
        and "{" not in name  # KubeSpawner expands templates
        and name not in known
        and not queries.mentions(code, name)
    )


def _names(items: list[tuple[Path, dict[str, Any]]]) -> set[str]:
    return {item["name"] for _, item in items if isinstance(item.get("name"), str)}


def _home_volumes(values: Values) -> set[str]:
    template = values.get(f"{STORAGE}.dynamic.volumeNameTemplate")
    match values.get(f"{STORAGE}.type"):
        case "dynamic":
            return {template} if isinstance(template, str) else set()
        case "static" | "hostPath":
            return {"home"}
        case _:
            return set()


def _mounts(values: Values, pod: str, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield from queries.mappings(values, key)
    for owner, path, container in queries.containers(values):
        if owner == pod:
            yield from queries.inner((*path, "volumeMounts"), container.get("volumeMounts"))


def _undefined(values: Values, path: Path, name: str, volumes: str) -> Problem:
    return values.problem(
        (*path, "name"),
        f"the volume {name} is not defined, so Kubernetes rejects the pod",
        expected=f"the name of a volume in {volumes}",
        hint=f"add {{name: {name}, …}} to {volumes}",
        rule="undefined-volume",
    )


def _of_override(values: Values, path: Path, override: dict[str, Any]) -> Iterator[Problem]:
    if values.get(f"{STORAGE}.type") not in ("dynamic", "static", "hostPath"):
        return
    home = values.get(f"{STORAGE}.homeMountPath")
    mounts, volumes = override.get("volume_mounts"), override.get("volumes")
    has_home = isinstance(home, str) and any(
        normpath(str(mount.get("mountPath"))) == normpath(home)
        for mount in queries.as_list(mounts)
        if isinstance(mount, dict)
    )
    if isinstance(mounts, list) and not has_home:
        yield _home_lost(values, (*path, "volume_mounts"), f"the mount at {home}")
    if isinstance(volumes, list) and not isinstance(mounts, list):
        names = _names(queries.inner((), volumes))
        for name in _home_volumes(values) - names:
            yield _home_lost(values, (*path, "volumes"), f"the volume {name}")


def _home_lost(values: Values, path: Path, what: str) -> Problem:
    return values.problem(
        path,
        f"this list replaces all mounts of the chart, so users of this profile lose {what}, "
        "their home",
        expected="a mapping, which is merged, or a list that includes the home",
        hint="write a mapping: any names as keys, the items of the list as values",
        severity="warning",
        rule="home-mount-lost",
    )
