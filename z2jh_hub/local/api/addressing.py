"""URLs and methods of the API: which objects a request is about, and what it wants of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..objects.resources import NAMESPACES, Resource, by_path
from ..objects.status import StatusError

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Address:
    """One object (`name`), or all of a kind (in a namespace), or a `subresource` of one."""

    resource: Resource
    namespace: str | None = None
    name: str = ""
    subresource: str = ""


def names_objects(path: str) -> bool:
    """Whether a path is about objects, not about what the API can do."""
    parts = [part for part in path.split("/") if part]
    return len(parts) > {"api": 2, "apis": 3}.get(parts[0] if parts else "", len(parts))


def parse(path: str) -> Address:
    """The address in a path such as `/api/v1/namespaces/NS/pods/NAME/log`; StatusError 404."""
    parts = [part for part in path.split("/") if part]
    group, version, rest = ("", parts[1:2], parts[2:])
    if parts[:1] == ["apis"]:
        group, version, rest = parts[1] if len(parts) > 1 else "", parts[2:3], parts[3:]
    namespace = None
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in NAMESPACES.subresources:
        namespace, rest = rest[1], rest[2:]
    resource = by_path(group, version[0] if version else "", rest[0]) if rest else None
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        raise unknown_path()
    name, subresource = [*rest[1:], "", ""][:2]
    if subresource and subresource not in resource.subresources:
        raise unknown_path()
    if name and resource.namespaced and namespace is None:
        raise unknown_path()
    return Address(resource, namespace, name, subresource)


def unknown_path() -> StatusError:
    return StatusError(404, "the server could not find the requested resource", details={})


def verb(method: str, address: Address, watching: bool) -> str:
    """Kubernetes' word for what is asked; StatusError 405."""
    if method in ("GET", "HEAD"):
        if address.name:
            return "get"
        return "watch" if watching else "list"
    if method == "DELETE" and not address.name:
        return "deletecollection"
    needs_name = method != "POST"
    homeless = address.resource.namespaced and not address.namespace
    if method not in _VERBS or needs_name != bool(address.name) or homeless:
        raise StatusError(
            405, "the server does not allow this method on the requested resource", details={}
        )
    return _VERBS[method]
