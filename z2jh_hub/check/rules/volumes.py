"""Volumes that are mounted but not there, and homes that a profile loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import normpath
from typing import Any, TypeGuard

from ...config.errors import Path, Problem
from ...config.values import Values
from .. import queries

STORAGE = "singleuser.storage"
# pod, where its volumes are given, where its mounts are, and the volumes that the chart adds
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
CUSTOM_VOLUMES = ("extraVolumes", "volumes")
CUSTOM_MOUNTS = ("extraVolumeMounts", "volumeMounts", "volume_mounts")


def findings(values: Values) -> Iterator[Problem]:
    """Mounts of volumes that nobody defines; profiles without the home."""
    code = queries.code(values)
    for pod, volumes, mounts, added in PODS:
        known = added | {name for key in volumes for name in _names(queries.mappings(values, key))}
        if pod == "singleuser":
            known |= _home_volumes(values)
        for path, mount in _mounts(values, pod, mounts):
            name = mount.get("name")
            if _is_unknown(name, known, code):
                yield _undefined(values, path, name, volumes[0])
        if pod == "singleuser":
            yield from _in_custom(values, known, code)
    for path, override, _ in queries.overrides(values):
        yield from _of_override(values, path, override)


def _in_custom(values: Values, known: set[str], code: str) -> Iterator[Problem]:
    """What snippets add to user pods stands under `custom`, by the names of Kubernetes or ours."""
    lists = list(_lists(("custom",), values.get("custom")))
    known = known.union(*(_names(items) for key, items in lists if key in CUSTOM_VOLUMES))
    for key, items in lists:
        for path, mount in items if key in CUSTOM_MOUNTS else ():
            name = mount.get("name")
            if _is_unknown(name, known, code):
                problem = _undefined(values, path, name, f"{STORAGE}.extraVolumes")
                yield replace(problem, severity="warning")


def _lists(path: Path, node: Any) -> Iterator[tuple[str, list[tuple[Path, dict[str, Any]]]]]:
    """The lists below `node`, each by the last name of its path."""
    pairs = node.items() if isinstance(node, dict) else enumerate(queries.as_list(node))
    if isinstance(node, list):
        yield path[-1], queries.inner(path, node)
    for key, inner in pairs:
        yield from _lists((*path, str(key)), inner)


def _is_unknown(name: Any, known: set[str], code: str) -> TypeGuard[str]:
    return (
        isinstance(name, str)
        and bool(name)
        and "{" not in name  # KubeSpawner expands it, and other templates to the same name
        and name not in known
        and not queries.speaks_of(code, name)
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
        f"mounts the volume {name}, which is not defined: Kubernetes refuses such a pod",
        expected=f"the name of a volume of {volumes}",
        hint=f"add {{name: {name}, …}} to {volumes}",
        rule="undefined-volume",
    )


def _of_override(values: Values, path: Path, override: dict[str, Any]) -> Iterator[Problem]:
    if values.get(f"{STORAGE}.type") not in ("dynamic", "static", "hostPath"):
        return
    home = values.get(f"{STORAGE}.homeMountPath")
    mounts, volumes = override.get("volume_mounts"), override.get("volumes")
    kept = isinstance(home, str) and any(
        normpath(str(mount.get("mountPath"))) == normpath(home)
        for mount in queries.as_list(mounts)
        if isinstance(mount, dict)
    )
    if isinstance(mounts, list) and not kept:
        yield _home_lost(values, (*path, "volume_mounts"), f"the mount at {home}")
    if isinstance(volumes, list) and not isinstance(mounts, list):
        names = _names(queries.inner((), volumes))
        for name in _home_volumes(values) - names:
            yield _home_lost(values, (*path, "volumes"), f"the volume {name}")


def _home_lost(values: Values, path: Path, what: str) -> Problem:
    return values.problem(
        path,
        f"a list replaces all that the chart mounts: users of this profile lose their home, {what}",
        expected="a mapping, which is merged, or a list with the home in it",
        hint="write a mapping: its keys are names of your choice, its values what is in the list",
        severity="warning",
        rule="home-mount-lost",
    )
