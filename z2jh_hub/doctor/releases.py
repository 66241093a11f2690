"""Find the release of the chart in a namespace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..chores import ChoreError
from ..chores.kubernetes import ApiError, Kubernetes
from ..config.ownership import release_of
from .findings import visible
from .snapshot import Object, component_of

# a release has at least one of them
_CORE = ("hub", "proxy")


async def find_release(
    kubernetes: Kubernetes, name: str | None = None, probable: str | None = None
) -> str:
    """Return the name of the release in the namespace: `name`, if the namespace has it.

    Without the permission to look, it is assumed to be `name` or `probable`. Raises ChoreError if
    there is no release or more than one, or if that cannot be determined.
    """
    try:
        deployments = await kubernetes.items(_path(kubernetes.namespace))
    except ApiError as error:
        if error.status == 403 and (assumed := name or probable):
            return assumed
        if error.status == 403:
            raise ChoreError(
                f"no permission to list deployments in the namespace {kubernetes.namespace}; "
                "name the release with --release"
            ) from None
        raise
    releases = releases_in(deployments)
    if name in releases or (not name and len(releases) == 1):
        return name or releases[0]
    namespace = kubernetes.namespace
    if releases:
        wanted = f"has no release {visible(name)!r}" if name else "has several releases"
        raise ChoreError(
            f"the namespace {namespace} {wanted}; use --release with one of: {_listed(releases)}"
        )
    raise ChoreError(f"no release of JupyterHub in the namespace {namespace}; "
                     f"{await _elsewhere(kubernetes)}")  # fmt: skip


def releases_in(deployments: Iterable[Object]) -> list[str]:
    """Return the names of the releases that have a hub or a proxy, sorted."""
    names = {release_of(each["metadata"]) for each in deployments if component_of(each) in _CORE}
    return sorted(names - {""})


async def _elsewhere(kubernetes: Kubernetes) -> str:
    """Return a hint about other namespaces that have a release."""
    try:
        deployments = await kubernetes.items("/apis/apps/v1/deployments")
    except ApiError:
        return "name another namespace with --namespace (no permission to look in all of them)"
    names = sorted(
        {each["metadata"].get("namespace") or "" for each in deployments if releases_in([each])}
    )
    if not names:
        return "no other namespace has one"
    return f"use --namespace with one of: {_listed(names)}"


def _path(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(visible, names))
